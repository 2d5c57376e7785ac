package org.mailserv.server.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.mailserv.server.store.SharedCounts;
import org.mailserv.server.store.SharedCounts.Kind;

/** The promises of {@link SharedCounts} to the limits. */
public abstract class SharedCountsContract {
    private final String key = UUID.randomUUID().toString();
    private final long period = Kind.ACCOUNT_HOUR.periodOf(System.currentTimeMillis() / 1000);

    /** Returns the counts as a node sees them. */
    protected abstract SharedCounts node(String name) throws Exception;

    /** Returns whether two nodes see each other's counts. */
    protected abstract boolean isShared();

    @Test
    void aNodeDoesNotCountItself() throws Exception {
        SharedCounts one = node("one");
        assertThat(one.others(Kind.ACCOUNT_HOUR, key, period, 3)).isZero();
        await().during(Duration.ofMillis(200)).until(() -> one.others(Kind.ACCOUNT_HOUR, key, period, 4) == 0);
    }

    @Test
    void theCountsOfOthersAreSeenSoon() throws Exception {
        SharedCounts one = node("one");
        SharedCounts two = node("two");
        SharedCounts three = node("three");
        long expected = isShared() ? 12 : 0;
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            long ofTwo = two.others(Kind.ACCOUNT_HOUR, key, period, 5);
            long ofThree = three.others(Kind.ACCOUNT_HOUR, key, period, 7);
            long others = one.others(Kind.ACCOUNT_HOUR, key, period, 1);
            return others == expected && (!isShared() || ofTwo == 8 && ofThree == 6);
        });
        assertThat(one.others(Kind.ACCOUNT_HOUR, key, period + 1, 0))
                .as("another period")
                .isZero();
        assertThat(one.others(Kind.ACCOUNT_DAY, key, period, 0))
                .as("another kind")
                .isZero();
    }
}
