package org.mailserv.app.server;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.Version;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.http.AdminHandler;
import org.mailserv.app.http.ClientSettings;
import org.mailserv.app.http.HttpEndpoint;
import org.mailserv.app.log.LogTail;
import org.mailserv.app.log.Logging;
import org.mailserv.app.metrics.MetricsText;
import org.mailserv.app.metrics.ServerMetrics;
import org.mailserv.app.metrics.Traffic;
import org.mailserv.relay.queue.Relay;
import org.mailserv.server.net.ConnectionLimits;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.tls.ServerTls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP endpoint: health, metrics, settings for mail programs and the admin page. */
final class HttpStage {
    private static final Logger LOG = LoggerFactory.getLogger(HttpStage.class);

    private final Supplier<MailservConfig> config;
    private final EventLoops loops;
    private final Readiness readiness;
    private final EventStage events;
    private final SessionRegistry sessions;
    private final ConnectionLimits limits;
    private final AccountStage accounts;
    private final StoreStage store;
    private final CheckStage checks;
    private final Relay relay;
    private final Optional<ServerTls> tls;
    private final AtomicReference<@Nullable String> loggedProblem = new AtomicReference<>();

    /** @param config the configuration in use, which a reload replaces */
    HttpStage(
            Supplier<MailservConfig> config,
            EventLoops loops,
            Readiness readiness,
            EventStage events,
            SessionRegistry sessions,
            ConnectionLimits limits,
            AccountStage accounts,
            StoreStage store,
            CheckStage checks,
            Relay relay,
            Optional<ServerTls> tls) {
        this.config = config;
        this.loops = loops;
        this.readiness = readiness;
        this.events = events;
        this.sessions = sessions;
        this.limits = limits;
        this.accounts = accounts;
        this.store = store;
        this.checks = checks;
        this.relay = relay;
        this.tls = tls;
    }

    /** Opens the endpoint if it is enabled. Blocks. */
    void open(OpenResources resources) throws StartupException {
        MailservConfig.HttpSettings http = config.get().http();
        if (!http.enabled()) {
            return;
        }
        resources.add(new HttpEndpoint(
                loops,
                Listeners.socketAddress(http.address(), http.port()),
                readiness::problem,
                readiness::warnings,
                metrics(),
                admin(http),
                request -> new ClientSettings(config.get(), this::certificateProblem).answer(request)));
    }

    /** Returns why our MTA-STS policy cannot be enforced, and logs it when it changes. */
    private @Nullable String certificateProblem() {
        String problem = tls.isEmpty()
                ? "no listener uses TLS"
                : tls.get().problem(config.get().hostname());
        if (!Objects.equals(loggedProblem.getAndSet(problem), problem) && problem != null) {
            LOG.warn(
                    "event=mta-sts-not-enforced mode=testing reason=\"the certificate for {}: {}\"",
                    config.get().hostname(),
                    problem);
        }
        return problem;
    }

    private Supplier<String> metrics() {
        PrometheusRegistry registry = events.registry().orElseThrow();
        ServerMetrics.register(
                registry,
                new ServerMetrics.Sources(
                        sessions,
                        limits::open,
                        relay::messages,
                        store.spool()::isWritable,
                        () -> tls.map(ServerTls::refusals).orElse(0L),
                        Version.text()));
        return () -> MetricsText.of(registry);
    }

    private @Nullable AdminHandler admin(MailservConfig.HttpSettings http) {
        String password = http.adminPassword();
        if (password == null) {
            return null;
        }
        Traffic traffic = events.traffic().orElseThrow();
        loops.group().scheduleAtFixedRate(traffic::tick, 1, 1, TimeUnit.MINUTES);
        LogTail tail = new LogTail();
        Logging.add(tail);
        return new AdminHandler(
                config.get().hostname(),
                http.hostNames(),
                password,
                new ServerStatus(config, readiness, accounts, store, checks, relay, tls, sessions, traffic, tail),
                checks.executor());
    }
}
