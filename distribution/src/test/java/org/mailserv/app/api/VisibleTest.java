package org.mailserv.app.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueState;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.RecipientState;

/** The queued mail that the administrator of one domain sees. */
class VisibleTest {
    private static final Operator DORA =
            new Operator("dora", Operator.Role.DOMAIN_ADMINISTRATOR, false, Set.of("own.test"));
    private static final Instant SOON = Instant.parse("2026-11-28T10:00:00Z");

    private static QueueMessage message(String sender, String... recipients) {
        return new QueueMessage(
                "id",
                QueueState.DEFERRED,
                sender,
                Instant.EPOCH,
                1,
                "192.0.2.1",
                "lee@other.test",
                1,
                SOON,
                new QueueMessage.HoldInfo(Hold.By.ACCOUNT_LIMIT, "limit of lee@other.test", SOON),
                Arrays.stream(recipients)
                        .map(address -> new QueueMessage.RecipientInfo(
                                address,
                                RecipientState.Status.PENDING,
                                null,
                                "450 later for " + address,
                                address.startsWith("kim") ? SOON.plusSeconds(60) : SOON,
                                null))
                        .toList(),
                null,
                "node");
    }

    @Test
    @DisplayName("a message of others is not visible, whatever its addresses resemble")
    void hidden() {
        assertThat(message("joe@other.test", "ann@third.test").isVisibleTo(DORA))
                .isFalse();
        assertThat(message("", "ann@third.test").isVisibleTo(DORA)).isFalse();
        assertThat(message("\"joe@own.test\"@other.test", "ann@xown.test").isVisibleTo(DORA))
                .isFalse();
        assertThat(message("joe@sub.own.test", "own.test@third.test").isVisibleTo(DORA))
                .isFalse();
    }

    @Test
    @DisplayName("of a message to the domain, other recipients, the account and their replies stay hidden")
    void partly() {
        QueueMessage seen = message("joe@other.test", "ann@third.test", "kim@OWN.test");
        assertThat(seen.isVisibleTo(DORA)).isTrue();
        QueueMessage part = seen.visibleTo(DORA);
        assertThat(Json.write(part))
                .contains("kim@OWN.test")
                .contains("joe@other.test")
                .doesNotContain("ann")
                .doesNotContain("lee@");
        assertThat(part.nextAttempt()).isEqualTo(SOON.plusSeconds(60));
        assertThat(part.mentions("ann@third")).isFalse();
        assertThat(part.waitsFor(new QueueFilter(Set.of(), null, "ann@third.test", null, 0)))
                .isFalse();
        assertThat(part.waitsFor(new QueueFilter(Set.of(), null, null, "own.test", 0)))
                .isTrue();
    }

    @Test
    @DisplayName("a message from the domain is visible as a whole, and so is everything to an unrestricted operator")
    void whole() {
        QueueMessage sent = message("kim@own.test", "ann@third.test");
        assertThat(sent.visibleTo(DORA)).isSameAs(sent);
        QueueMessage foreign = message("joe@other.test", "ann@third.test", "kim@own.test");
        assertThat(foreign.visibleTo(new Operator("ann", Operator.Role.READ_ONLY, false)))
                .isSameAs(foreign);
        assertThat(List.of(foreign.visibleTo(DORA).recipients())).hasSize(1);
    }
}
