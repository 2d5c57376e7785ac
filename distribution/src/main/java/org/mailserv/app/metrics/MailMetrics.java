package org.mailserv.app.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Locale;
import org.mailserv.server.event.AcceptedMessage;
import org.mailserv.server.event.CheckedMessage;
import org.mailserv.server.event.DestinationFailure;
import org.mailserv.server.event.DiscardedMessage;
import org.mailserv.server.event.FailedLogin;
import org.mailserv.server.event.LocalDelivery;
import org.mailserv.server.event.Login;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageSource;
import org.mailserv.server.event.Refusal;
import org.mailserv.server.event.RemoteDelivery;
import org.mailserv.server.event.RestrictedAccount;
import org.mailserv.server.event.SentNotice;
import org.mailserv.server.event.UnstoredMessage;

/**
 * Counts events and measures times for Prometheus. All label values are constants of enums, so that no client can add a time series. Every
 * series exists from the start, with zero. Thread-safe.
 */
public final class MailMetrics implements MailEvents {
    private static final double[] ATTEMPT_SECONDS = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600};
    private static final double[] AGE_SECONDS = {
        0.01, 0.1, 1, 10, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 3 * 24 * 3600, 5 * 24 * 3600
    };
    private static final double[] CHECK_SECONDS = {0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

    private final Counter accepted;
    private final Counter refused;
    private final Counter discarded;
    private final Counter notStored;
    private final Counter notices;
    private final Counter logins;
    private final Counter restricted;
    private final Histogram checks;
    private final DeliveryMetrics local;
    private final DeliveryMetrics remote;

    private enum Route {
        LOCAL,
        REMOTE
    }

    private enum Result {
        DELIVERED,
        DEFERRED,
        FAILED,
        EXPIRED
    }

    private enum LoginResult {
        SUCCEEDED,
        FAILED
    }

    /** The metrics of deliveries to mailboxes, or to other servers. */
    private static final class DeliveryMetrics {
        private final CounterDataPoint[] results = new CounterDataPoint[Result.values().length];
        private final DistributionDataPoint attempts;
        private final DistributionDataPoint ages;

        DeliveryMetrics(Counter deliveries, Histogram attempts, Histogram ages, Route route) {
            for (Result result : Result.values()) {
                results[result.ordinal()] = deliveries.labelValues(label(route), label(result));
            }
            this.attempts = attempts.labelValues(label(route));
            this.ages = ages.labelValues(label(route));
        }

        void attempted(Result result, Duration attempt) {
            results[result.ordinal()].inc();
            attempts.observe(seconds(attempt));
        }

        void count(Result result, int recipients) {
            results[result.ordinal()].inc(recipients);
        }

        void left(Duration age) {
            ages.observe(seconds(age));
        }
    }

    /** @param registry takes the metrics */
    public MailMetrics(PrometheusRegistry registry) {
        accepted = counter(registry, "mailserv_messages_accepted_total", "Messages accepted.", "source");
        refused = counter(registry, "mailserv_refusals_total", "Senders, recipients and messages refused.", "stage");
        discarded = counter(registry, "mailserv_messages_discarded_total", "Messages discarded by a filter.");
        notStored = counter(registry, "mailserv_messages_not_stored_total", "Messages that the spool could not store.");
        notices = counter(registry, "mailserv_notices_total", "Bounces and other delivery status notices.", "kind");
        logins = counter(registry, "mailserv_logins_total", "Logins by protocol and result.", "protocol", "result");
        restricted = counter(
                registry, "mailserv_accounts_restricted_total", "Accounts put on hold because of unusual volume.");
        checks = histogram(
                registry,
                "mailserv_check_duration_seconds",
                "Time from the end of a message to the verdict of the checks.",
                "result",
                CHECK_SECONDS);
        Counter deliveries =
                counter(registry, "mailserv_deliveries_total", "Delivery results, per recipient.", "route", "result");
        Histogram attempts = histogram(
                registry,
                "mailserv_delivery_duration_seconds",
                "Time of a delivery attempt, per recipient.",
                "route",
                ATTEMPT_SECONDS);
        Histogram ages = histogram(
                registry,
                "mailserv_queue_duration_seconds",
                "Time from acceptance to the final result, per recipient.",
                "route",
                AGE_SECONDS);
        local = new DeliveryMetrics(deliveries, attempts, ages, Route.LOCAL);
        remote = new DeliveryMetrics(deliveries, attempts, ages, Route.REMOTE);
        createSeries();
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help, String... labels) {
        return Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    private static Histogram histogram(
            PrometheusRegistry registry, String name, String help, String label, double[] bounds) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .classicOnly()
                .classicUpperBounds(bounds)
                .withoutExemplars()
                .register(registry);
    }

    /** Creates every series, so that a rate sees the first event too. */
    private void createSeries() {
        for (MessageSource source : MessageSource.values()) {
            accepted.initLabelValues(label(source));
        }
        for (Refusal.Stage stage : Refusal.Stage.values()) {
            refused.initLabelValues(label(stage));
        }
        for (SentNotice.Kind kind : SentNotice.Kind.values()) {
            notices.initLabelValues(label(kind));
        }
        for (CheckedMessage.Result result : CheckedMessage.Result.values()) {
            checks.initLabelValues(label(result));
        }
        for (Login.Protocol protocol : Login.Protocol.values()) {
            for (LoginResult result : LoginResult.values()) {
                logins.initLabelValues(label(protocol), label(result));
            }
        }
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static double seconds(Duration duration) {
        // A clock that is set back must not make a time negative.
        return Math.max(0, duration.toNanos() / 1e9);
    }

    @Override
    public void accepted(AcceptedMessage event) {
        accepted.labelValues(label(event.source())).inc();
    }

    @Override
    public void refused(Refusal event) {
        refused.labelValues(label(event.stage())).inc();
    }

    @Override
    public void discarded(DiscardedMessage event) {
        discarded.inc();
    }

    @Override
    public void notStored(UnstoredMessage event) {
        notStored.inc();
    }

    @Override
    public void checked(CheckedMessage event) {
        checks.labelValues(label(event.result())).observe(seconds(event.duration()));
    }

    @Override
    public void delivered(LocalDelivery event) {
        local.attempted(Result.DELIVERED, event.attempt());
        local.left(event.age());
    }

    @Override
    public void delivered(RemoteDelivery event) {
        remote.attempted(Result.DELIVERED, event.attempt());
        remote.left(event.age());
    }

    @Override
    public void deferred(RemoteDelivery event) {
        remote.attempted(Result.DEFERRED, event.attempt());
    }

    @Override
    public void deferred(DestinationFailure event) {
        remote.count(Result.DEFERRED, event.recipients());
    }

    @Override
    public void failed(RemoteDelivery event) {
        remote.attempted(Result.FAILED, event.attempt());
        remote.left(event.age());
    }

    @Override
    public void failed(DestinationFailure event) {
        remote.count(Result.FAILED, event.recipients());
        remote.left(event.age());
    }

    @Override
    public void expired(DestinationFailure event) {
        remote.count(Result.EXPIRED, event.recipients());
        remote.left(event.age());
    }

    @Override
    public void bounced(SentNotice event) {
        notices.labelValues(label(event.kind())).inc();
    }

    @Override
    public void loggedIn(Login event) {
        logins.labelValues(label(event.protocol()), label(LoginResult.SUCCEEDED))
                .inc();
    }

    @Override
    public void loginFailed(FailedLogin event) {
        logins.labelValues(label(event.protocol()), label(LoginResult.FAILED)).inc();
    }

    @Override
    public void noted(MessageNote event) {
        if (event.kind() == MessageNote.Kind.MAILBOX_FAILED) {
            local.count(Result.DEFERRED, 1);
        }
    }

    @Override
    public void restricted(RestrictedAccount event) {
        restricted.inc();
    }
}
