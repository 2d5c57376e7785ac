package org.mailserv.server.check.reputation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.store.SharedCounts;

class SendingLimitsTest {
    private static final String JOE = "joe@example.org";

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-11-21T10:00:00Z");

    private SharedCounts counts = SharedCounts.NONE;

    private SendingLimits limits(SendingLimits.Config config) throws IOException {
        return SendingLimits.in(folder.resolve("sending"), config, () -> now, counts, MailEvents.NONE);
    }

    private static InetAddress client(String text) {
        return NetUtil.createInetAddressFromIpAddressString(text);
    }

    @Test
    void anAccountThatSendsManyTimesItsHabitIsHeldUntilReleased() throws IOException {
        List<String> told = new ArrayList<>();
        SendingLimits limits = limits(new SendingLimits.Config(0, 0, 0, 0, true, 10, 50, 100));
        limits.onBrake((account, reason) -> told.add(account + ": " + reason));
        for (int hour = 0; hour < 5; hour++) {
            for (int i = 0; i < 20; i++) {
                assertThat(limits.holds(JOE, 1)).isFalse();
            }
            now = now.plus(Duration.ofHours(1));
        }
        for (int i = 0; i < 200; i++) {
            assertThat(limits.holds(JOE, 1)).as("message %d", i).isFalse();
        }
        assertThat(limits.holds(JOE, 1)).isTrue();
        assertThat(limits.holds(JOE, 1)).isTrue();
        assertThat(told).hasSize(1).first().asString().contains("joe@example.org: 201 recipients");
        assertThat(limits.braked()).containsExactly(JOE);
        limits.save(folder.resolve("sending"), new RealDisk());

        SendingLimits again = limits(new SendingLimits.Config(0, 0, 0, 0, true, 10, 50, 100));
        assertThat(again.holds(JOE, 1)).as("after a restart").isTrue();
        assertThat(again.release(JOE)).isTrue();
        assertThat(again.release(JOE)).isFalse();
        assertThat(again.holds(JOE, 1)).isFalse();
    }

    @Test
    void boundsForAccountsAreByHourAndDay() throws IOException {
        SendingLimits limits = limits(new SendingLimits.Config(10, 15, 0, 0, false, 10, 50, 100));
        assertThat(limits.atRecipient(null)).isNull();
        limits.holds(JOE, 10);
        assertThat(limits.atRecipient(JOE)).asString().startsWith("450 4.7.1");
        now = now.plus(Duration.ofHours(1));
        assertThat(limits.atRecipient(JOE)).isNull();
        limits.holds(JOE, 5);
        assertThat(limits.atRecipient(JOE)).asString().contains("today");
    }

    @Test
    void whatOtherNodesHaveCountedIsAdded() throws IOException {
        counts = (kind, key, period, own) ->
                kind == SharedCounts.Kind.ACCOUNT_HOUR ? 7 : kind == SharedCounts.Kind.CLIENT_MINUTE ? 1 : 0;
        SendingLimits limits = limits(new SendingLimits.Config(10, 15, 2, 0, false, 10, 50, 100));
        limits.holds(JOE, 2);
        assertThat(limits.atRecipient(JOE)).isNull();
        limits.holds(JOE, 1);
        assertThat(limits.atRecipient(JOE)).asString().startsWith("450 4.7.1");
        assertThat(limits.atMail(null, client("192.0.2.1"), "")).isNull();
        assertThat(limits.atMail(null, client("192.0.2.1"), "")).isNotNull();
    }

    @Test
    void strangersAreCountedByAddressNetworkAndSender() throws IOException {
        SendingLimits limits = limits(new SendingLimits.Config(0, 0, 2, 3, false, 10, 50, 100));
        assertThat(limits.atMail(null, client("2001:db8::1"), "")).isNull();
        assertThat(limits.atMail(null, client("2001:db8::2"), "")).isNull();
        assertThat(limits.atMail(null, client("2001:db8::3"), "")).isNotNull();
        assertThat(limits.atMail(JOE, client("2001:db8::3"), "")).isNull();
        for (int i = 1; i < 4; i++) {
            assertThat(limits.atMail(null, client("192.0.2." + i), "a@b.test")).isNull();
        }
        assertThat(limits.atMail(null, client("192.0.2.9"), "A@b.test")).isNotNull();
        now = now.plus(Duration.ofMinutes(1));
        assertThat(limits.atMail(null, client("2001:db8::3"), "a@b.test")).isNull();
    }
}
