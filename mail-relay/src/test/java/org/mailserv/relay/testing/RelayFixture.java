package org.mailserv.relay.testing;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.mailserv.relay.config.ClientTimeouts;
import org.mailserv.relay.config.ConvertSigned;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.config.RelayConfig.RetryConfig;
import org.mailserv.relay.config.RouteConfig;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.queue.Relay;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.testing.FakeAccounts;
import org.mailserv.server.testing.InMemoryMailboxes;
import org.mailserv.server.testing.InMemorySpool;

/** A relay on real sockets, with everything else in memory. */
public final class RelayFixture implements AutoCloseable {
    public static final MailboxName JOE = new MailboxName("example.org", "joe");

    public final FakeDns dns = new FakeDns();
    public final InMemorySpool spool = new InMemorySpool(Runnable::run);
    public final InMemoryMailboxes mailboxes = new InMemoryMailboxes(Runnable::run);
    public final FakeAccounts accounts = new FakeAccounts(Runnable::run, "joe", "postmaster");
    public final Relay relay;
    private final RelayAssembly assembly;

    public RelayFixture(RelayConfig config) {
        assembly = new RelayAssembly(config, dns, accounts, spool, mailboxes, notifier -> notifier);
        relay = assembly.relay;
    }

    /** @param sharing with the relays of other nodes */
    public RelayFixture(RelayConfig config, RelayAssembly.Sharing sharing) {
        assembly = new RelayAssembly(config, dns, accounts, spool, mailboxes, notifier -> notifier, sharing);
        relay = assembly.relay;
    }

    /** Settings for tests: loopback allowed, waits of milliseconds. */
    public static RelayConfig config(int port, UnaryOperator<Settings> change) {
        return change.apply(new Settings(port)).build();
    }

    /** What tests change; everything else is as the defaults have it. */
    public static final class Settings {
        private final int port;
        public int maxConnections = 20;
        public int perMx = 1;
        public int depth = 8;
        public int maxRecipients = 100;
        public int perConnection = 1000;
        public Duration idle = Duration.ofMillis(100);
        public TlsPolicy tls = TlsPolicy.MAY;
        public boolean allowLoopback = true;
        public Map<String, RouteConfig> routes = Map.of();
        public ClientTimeouts timeouts = ClientTimeouts.all(Duration.ofSeconds(1));
        public List<Duration> schedule = List.of(Duration.ofMillis(100));
        public Duration lifetime = Duration.ofDays(5);
        public Duration warning = Duration.ZERO;
        public boolean keepUndeliverable;
        public int uncertainLosses = 3;
        public List<String> discardEhlo = List.of();
        public ConvertSigned convertSigned = ConvertSigned.DKIM;
        public List<String> bind = List.of();

        Settings(int port) {
            this.port = port;
        }

        public Settings routes(Map<String, RouteConfig> rows) {
            routes = rows;
            return this;
        }

        public Settings with(Consumer<Settings> change) {
            change.accept(this);
            return this;
        }

        RelayConfig build() {
            RelayConfig base = RelayConfig.defaults();
            return new RelayConfig(
                    port,
                    maxConnections,
                    perMx,
                    depth,
                    maxRecipients,
                    perConnection,
                    idle,
                    tls,
                    discardEhlo,
                    convertSigned,
                    false,
                    RelayConfig.MtaStsConfig.defaults(),
                    allowLoopback,
                    bind,
                    null,
                    routes,
                    base.connectsPerRound(),
                    Duration.ofMillis(50),
                    base.maxHosts(),
                    timeouts,
                    new RetryConfig(
                            schedule,
                            0.1,
                            lifetime,
                            lifetime,
                            warning,
                            uncertainLosses,
                            Duration.ofMillis(50),
                            Duration.ofHours(1)),
                    new RelayConfig.BounceConfig(50 * 1024, keepUndeliverable),
                    base.activeMessages(),
                    2);
        }
    }

    /** Takes a message as the server would, and gives its id. */
    public String send(String from, String text, String... to) {
        return send(envelope -> envelope, from, text, to);
    }

    public String send(UnaryOperator<Envelope> change, String from, String text, String... to) {
        return assembly.send(change, from, text, to);
    }

    public MessageState state(String id) {
        return spool.messages().stream()
                .filter(message -> message.envelope().id().toString().equals(id))
                .findFirst()
                .orElseThrow()
                .state();
    }

    public RecipientState.Status status(String id) {
        return state(id).recipients().get(0).status();
    }

    /** Messages that nothing is left to be done for. */
    public long settled() {
        return spool.messages().stream()
                .filter(message -> message.state().isSettled())
                .count();
    }

    public int queued() {
        return relay.size().toCompletableFuture().join();
    }

    public List<String> bounces() {
        return mailboxes.texts(JOE);
    }

    @Override
    public void close() {
        assembly.close();
    }
}
