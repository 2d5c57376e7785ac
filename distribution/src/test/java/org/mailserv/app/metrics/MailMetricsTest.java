package org.mailserv.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.event.AcceptedMessage;
import org.mailserv.server.event.DestinationFailure;
import org.mailserv.server.event.FailedLogin;
import org.mailserv.server.event.LocalDelivery;
import org.mailserv.server.event.Login;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageSource;
import org.mailserv.server.event.RemoteDelivery;
import org.mailserv.server.spool.QueueId;

class MailMetricsTest {
    private static final QueueId ID = QueueId.parse("0123456789abcdef");

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final MailEvents events = new MailMetrics(registry);

    private static RemoteDelivery remote() {
        return new RemoteDelivery(
                ID,
                new Address("ann", "dest.test"),
                "mx.dest.test",
                "250 2.0.0 Ok",
                Duration.ofMillis(70),
                Duration.ofSeconds(90));
    }

    @Test
    @DisplayName("each event counts under the labels of its kind, and times fall into their buckets")
    void counts() {
        events.accepted(
                new AcceptedMessage(MessageSource.PICKUP, null, "job", ID, ReversePath.NULL, List.of(), 10, null));
        events.delivered(new LocalDelivery(
                ID, new MailboxName("sample.org", "kim"), Duration.ofMillis(3), Duration.ofSeconds(-5)));
        events.deferred(remote());
        events.delivered(remote());
        events.expired(new DestinationFailure(ID, "dest.test", "no answer", 3, Duration.ofDays(5)));

        assertThat(MetricsText.of(registry))
                .contains("mailserv_messages_accepted_total{source=\"pickup\"} 1.0\n")
                .contains("mailserv_deliveries_total{result=\"delivered\",route=\"local\"} 1.0\n")
                .contains("mailserv_deliveries_total{result=\"deferred\",route=\"remote\"} 1.0\n")
                .contains("mailserv_deliveries_total{result=\"expired\",route=\"remote\"} 3.0\n")
                .contains("mailserv_delivery_duration_seconds_bucket{route=\"remote\",le=\"0.05\"} 0\n")
                .contains("mailserv_delivery_duration_seconds_bucket{route=\"remote\",le=\"0.1\"} 2\n")
                .contains("mailserv_queue_duration_seconds_bucket{route=\"remote\",le=\"300.0\"} 1\n")
                // A clock that was set back makes no negative time.
                .contains("mailserv_queue_duration_seconds_sum{route=\"local\"} 0.0\n");
    }

    @Test
    @DisplayName("what clients say never becomes a label, and every series exists from the start")
    void labelsAreBounded() {
        String before = MetricsText.of(registry);
        events.loginFailed(new FailedLogin(Login.Protocol.POP3, null, "192.0.2.7", "x\"} 1\nforged", "name"));
        String after = MetricsText.of(registry);

        assertThat(after)
                .contains("mailserv_logins_total{protocol=\"pop3\",result=\"failed\"} 1.0\n")
                .doesNotContain("forged");
        assertThat(after.lines().count()).isEqualTo(before.lines().count());
    }
}
