package org.mailserv.relay.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.relay.bounce.Bouncer;
import org.mailserv.relay.config.ClientTimeouts;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.config.RelayConfig.RetryConfig;
import org.mailserv.relay.config.RouteConfig;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.queue.EventLoopClock;
import org.mailserv.relay.queue.Relay;
import org.mailserv.relay.route.HostTrust;
import org.mailserv.relay.route.OwnAddresses;
import org.mailserv.relay.route.Router;
import org.mailserv.relay.smtp.NettyConnector;
import org.mailserv.relay.smtp.TlsClients;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.SpoolingAcceptor;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.report.Observations;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Recipient;
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
    private final EventLoops loops = new EventLoops(EventLoops.Transport.NIO, 1);
    private final ExecutorService readers = Executors.newFixedThreadPool(2);
    private final SpoolingAcceptor acceptor;

    public RelayFixture(RelayConfig config) {
        EventLoop loop = loops.group().next();
        Random random = new Random(4711);
        Relay[] self = new Relay[1];
        acceptor = new SpoolingAcceptor(spool, mailboxes, message -> self[0].enqueue(message));
        List<InetAddress> bind =
                config.bindAddresses().stream().map(FakeDns::address).toList();
        Bouncer bouncer = new Bouncer(new Bouncer.Parts(
                "relay.test",
                config.bounce(),
                spool,
                accounts,
                new RecipientRouter(accounts, mailboxes, null),
                acceptor,
                readers,
                InstantSource.system()));
        OwnAddresses own = new OwnAddresses(
                "relay.test", () -> List.of(new InetSocketAddress("127.0.0.9", config.port())), List.of());
        relay = new Relay(new Relay.Parts(
                new EventLoopClock(loop, InstantSource.system()),
                config,
                "relay.test",
                spool,
                mailboxes,
                new Router(dns, own, config.allowLoopback(), config.maxHosts(), random, HostTrust.NONE),
                bouncer,
                (envelope, recipient) -> envelope.sender(),
                new NettyConnector(loop, loops.clientChannel(), bind, new SessionRegistry()),
                new TlsClients(null),
                readers,
                ByteBufAllocator.DEFAULT,
                random,
                Observations.NONE));
        self[0] = relay;
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
                            schedule, 0.1, lifetime, lifetime, warning, Duration.ofMillis(50), Duration.ofHours(1)),
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
        MessageWriter writer = spool.newMessage();
        writer.append(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
        List<Recipient> recipients = new ArrayList<>();
        for (String address : to) {
            recipients.add(Recipient.remote(parse(address)));
        }
        ReversePath sender = from.isEmpty() ? ReversePath.NULL : new ReversePath(parse(from));
        Arrival arrival = new Arrival(Instant.now(), "ESMTP", "192.0.2.7", "client.test", "helo.test", null, null);
        acceptor.accept(
                        writer,
                        change.apply(Envelope.of(writer.id(), sender, recipients, arrival)),
                        Unpooled.EMPTY_BUFFER)
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        return writer.id().toString();
    }

    private static Address parse(String address) {
        Address parsed = PathParser.parseAddress(address);
        if (parsed == null) {
            throw new IllegalArgumentException(address);
        }
        return parsed;
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
        return ((CompletableFuture<Integer>) relay.size().toCompletableFuture()).join();
    }

    public List<String> bounces() {
        return mailboxes.texts(JOE);
    }

    @Override
    public void close() {
        relay.close(Duration.ofSeconds(1))
                .toCompletableFuture()
                .orTimeout(5, TimeUnit.SECONDS)
                .join();
        loops.close();
        readers.shutdownNow();
    }
}
