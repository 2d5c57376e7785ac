package org.mailserv.app.server;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.Version;
import org.mailserv.app.api.ServerApi;
import org.mailserv.app.config.ClientService;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.HttpSettings;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.app.http.AccountDoor;
import org.mailserv.app.http.AdminHandler;
import org.mailserv.app.http.ChallengePages;
import org.mailserv.app.http.ClientSettings;
import org.mailserv.app.http.ControlSocket;
import org.mailserv.app.http.HttpEndpoint;
import org.mailserv.app.http.account.AccountPages;
import org.mailserv.app.log.LogTail;
import org.mailserv.app.log.Logging;
import org.mailserv.app.metrics.MetricsText;
import org.mailserv.app.metrics.ServerMetrics;
import org.mailserv.relay.queue.Relay;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.ConnectionLimits;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.pickup.PickupConfig;
import org.mailserv.server.pickup.SharedFolder;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.ServerTls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The control socket, and the HTTP endpoint: health, metrics, settings for mail programs, the admin page and its API. */
final class HttpStage {
    private static final Logger LOG = LoggerFactory.getLogger(HttpStage.class);

    private final Supplier<MailservConfig> config;
    private final EventLoops loops;
    private final Readiness readiness;
    private final EventStage events;
    private final SessionRegistry sessions;
    private final ConnectionLimits limits;
    private final StoreStage store;
    private final Optional<AcmeStage> acme;
    private final Optional<LogTail> tail;
    private final AtomicReference<@Nullable String> loggedProblem = new AtomicReference<>();

    /** @param config the configuration in use, which a reload replaces */
    HttpStage(
            Supplier<MailservConfig> config,
            EventLoops loops,
            Readiness readiness,
            EventStage events,
            SessionRegistry sessions,
            ConnectionLimits limits,
            StoreStage store,
            Optional<AcmeStage> acme) {
        this.config = config;
        this.loops = loops;
        this.readiness = readiness;
        this.events = events;
        this.sessions = sessions;
        this.limits = limits;
        this.store = store;
        this.acme = acme;
        tail = config.get().http().hasConsole() ? Optional.of(new LogTail()) : Optional.empty();
        tail.ifPresent(Logging::add);
    }

    /** Returns the last lines of the log; empty if there is no admin page to show them. */
    Optional<LogTail> logTail() {
        return tail;
    }

    /**
     * Opens the control socket, and the HTTP endpoint if it is enabled. Blocks.
     *
     * @param hashing executor for password hashes
     */
    void open(
            ServerApi api,
            AccountStage accounts,
            Relay relay,
            Optional<ServerTls> tls,
            Executor hashing,
            OpenResources resources)
            throws StartupException {
        openControlSocket(api, resources);
        HttpSettings http = config.get().http();
        if (!http.enabled()) {
            return;
        }
        HttpEndpoint.Content content = new HttpEndpoint.Content(
                readiness::problem,
                readiness::warnings,
                metrics(relay, tls),
                http.hasConsole() ? console(api, hashing) : null,
                http.accountPage() ? accountDoor(api, accounts) : null,
                request -> page(request, tls));
        CidrSet proxies = CidrSet.parse(http.proxyNetworks());
        resources.add(new HttpEndpoint(
                loops,
                new HttpEndpoint.Entrance("http", Listeners.socketAddress(http.address(), http.port()), null, proxies),
                content));
        if (http.hasTls()) {
            // Each connection takes the certificate that is in use at its time.
            resources.add(new HttpEndpoint(
                    loops,
                    new HttpEndpoint.Entrance(
                            "http.tls",
                            Listeners.socketAddress(
                                    http.tls().address(), http.tls().port()),
                            tls.orElseThrow()::newHandler,
                            proxies),
                    content));
        }
    }

    private AdminHandler console(ServerApi api, Executor hashing) {
        return new AdminHandler(config.get().hostname(), () -> config.get().http(), api, hashing);
    }

    private AccountDoor accountDoor(ServerApi api, AccountStage accounts) {
        MailservConfig now = config.get();
        return new AccountDoor(
                now.hostname(),
                now.http().hostNames(),
                new AccountPages(
                        now.hostname(),
                        api,
                        accounts.accounts(),
                        accounts.throttle(),
                        () -> ClientService.of(config.get())),
                () -> CidrSet.parse(config.get().plaintextAuthNetworks()));
    }

    private @Nullable FullHttpResponse page(FullHttpRequest request, Optional<ServerTls> tls) {
        FullHttpResponse proof =
                acme.map(stage -> ChallengePages.find(stage.tokens(), request)).orElse(null);
        return proof == null ? new ClientSettings(config.get(), () -> certificateProblem(tls)).answer(request) : proof;
    }

    /** Returns why our MTA-STS policy cannot be enforced, and logs it when it changes. */
    private @Nullable String certificateProblem(Optional<ServerTls> tls) {
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

    /** A server that cannot open the control socket, as on some file systems, serves mail nevertheless. */
    private void openControlSocket(ServerApi api, OpenResources resources) {
        try {
            resources.add(ControlSocket.open(ControlClient.socket(config.get().dataDir()), api));
            PickupConfig pickup = config.get().pickup();
            if (pickup.enabled() && pickup.shared()) {
                Path folder = new DataFolder(config.get(), new RealDisk()).pickup();
                Path socket = folder.resolve(ControlClient.QUEUE_SOCKET);
                SharedFolder.moveForeignAway(socket);
                resources.add(ControlSocket.openQueue(socket, api));
            }
        } catch (IOException e) {
            LOG.warn("event=admin-socket-failed reason=\"{}\"", Failures.text(e));
        }
    }

    private Supplier<String> metrics(Relay relay, Optional<ServerTls> tls) {
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
        return () -> CertificateMetrics.write(
                        tls.map(ServerTls::certificates).orElse(List.of()), acme.flatMap(AcmeStage::status))
                + MetricsText.of(registry);
    }
}
