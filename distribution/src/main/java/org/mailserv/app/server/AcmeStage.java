package org.mailserv.app.server;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.acme.AcmeCertificates;
import org.mailserv.acme.AcmeServices;
import org.mailserv.acme.AcmeStatus;
import org.mailserv.acme.ca.Acme4jAuthority;
import org.mailserv.acme.challenge.AlpnHandshakes;
import org.mailserv.acme.challenge.ChallengeSolver;
import org.mailserv.acme.challenge.DnsCommandSolver;
import org.mailserv.acme.challenge.DnsUpdateSolver;
import org.mailserv.acme.challenge.HttpTokens;
import org.mailserv.acme.files.AcmeFolder;
import org.mailserv.app.api.CertificateOrder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.http.ChallengePages;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.tls.AcmeConfig;
import org.mailserv.server.tls.ServerTls;

/** The certificate by ACME, if it is enabled: the listener for the CA's validations, and the upkeep. */
final class AcmeStage {
    /** Time beyond the timeouts of the CA that a command waits for an attempt. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final AcmeConfig config;
    private final HttpTokens tokens = new HttpTokens();
    private final ChallengeSolver solver;
    private @Nullable AcmeCertificates certificates;

    private AcmeStage(AcmeConfig config, EventLoops loops, OpenResources resources) {
        this.config = config;
        this.solver = solver(loops, resources);
    }

    /** Opens the listener for the CA; empty if ACME is disabled. Blocks. */
    static Optional<AcmeStage> open(AcmeConfig config, EventLoops loops, OpenResources resources) {
        return config.enabled() ? Optional.of(new AcmeStage(config, loops, resources)) : Optional.empty();
    }

    private ChallengeSolver solver(EventLoops loops, OpenResources resources) {
        switch (config.challenge()) {
            case HTTP_01 -> {
                return listen(
                        new ChallengeListener(
                                loops, config.http(), "tls.acme.http", new ChallengePages(tokens), tokens),
                        resources);
            }
            case TLS_ALPN_01 -> {
                AlpnHandshakes handshakes = new AlpnHandshakes();
                return listen(
                        new ChallengeListener(loops, config.tlsAlpn(), "tls.acme.tls-alpn", handshakes, handshakes),
                        resources);
            }
            case DNS_01 -> {
                String server = config.dns().server();
                return server == null
                        ? new DnsCommandSolver(config.dns())
                        : new DnsUpdateSolver(server, config.dns(), InstantSource.system());
            }
        }
        throw new IllegalStateException("no solver for " + config.challenge());
    }

    private static ChallengeSolver listen(ChallengeListener listener, OpenResources resources) {
        listener.open();
        return resources.add(listener);
    }

    /** Starts the upkeep in the background. The server does not wait for the CA. */
    void start(
            Supplier<MailservConfig> current,
            Disk disk,
            Dns dns,
            ServerTls tls,
            RelayStage relay,
            OpenResources resources) {
        MailservConfig settings = current.get();
        AcmeFolder folder = new AcmeFolder(settings.dataDir().toAbsolutePath().resolve("tls"), disk, config.keyType());
        AcmeCertificates made = new AcmeCertificates(new AcmeServices(
                config,
                settings.hostname(),
                () -> current.get().domains().keySet(),
                folder,
                new Acme4jAuthority(config, folder, solver),
                dns,
                tls::refresh,
                relay.notices()::toPostmaster,
                InstantSource.system(),
                new SecureRandom()));
        certificates = resources.add(made);
        made.start();
    }

    /** Returns the proofs for HTTP-01, which the HTTP endpoint serves as well. */
    HttpTokens tokens() {
        return tokens;
    }

    /** Returns the state; empty before the start. Never blocks. */
    Optional<AcmeStatus> status() {
        return Optional.ofNullable(certificates).map(AcmeCertificates::status);
    }

    /** Returns what an operator has to know or do, one line each. */
    List<String> warnings() {
        return status().map(status -> status.warnings(Instant.now())).orElse(List.of());
    }

    /** Returns the warnings of a stage; none if there is no stage. */
    static List<String> warnings(Optional<AcmeStage> stage) {
        return stage.map(present -> present.warnings()).orElse(List.of());
    }

    /** Carries out an order of an operator, and returns the state after it. Blocks for minutes. */
    AcmeStatus act(CertificateOrder.Action order) throws StartupException {
        AcmeCertificates started = certificates;
        if (started == null) {
            throw new StartupException("no listener uses TLS, so that no certificate is requested");
        }
        Duration patience = config.timeout().multipliedBy(2).plus(PATIENCE);
        return switch (order) {
            case RENEW -> started.renew(patience);
            case ROLLOVER -> started.rollOver(false, patience);
            case ROLLOVER_NOW -> started.rollOver(true, patience);
        };
    }
}
