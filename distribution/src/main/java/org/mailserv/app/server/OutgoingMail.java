package org.mailserv.app.server;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.relay.bounce.Bouncer;
import org.mailserv.relay.bounce.LocalSuccess;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.queue.EventLoopClock;
import org.mailserv.relay.queue.Relay;
import org.mailserv.relay.queue.RelayDependencies;
import org.mailserv.relay.route.HostTrust;
import org.mailserv.relay.route.OwnAddresses;
import org.mailserv.relay.route.Router;
import org.mailserv.relay.smtp.NettyConnector;
import org.mailserv.relay.smtp.TlsClients;
import org.mailserv.relay.trust.HttpsFetcher;
import org.mailserv.relay.trust.OutboundTrust;
import org.mailserv.relay.trust.StsPolicies;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.MessageQueue;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.SenderRewriting;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.pickup.ReturnedMail;
import org.mailserv.server.report.Observations;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.store.MailStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The relay and its collaborators: routing, connections, bounces and the acceptor of new messages. */
public final class OutgoingMail implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutgoingMail.class);

    private final Relay relay;
    private final MessageAcceptor acceptor;
    private final ReturnedMail returned;
    private final ExecutorService readers;
    private volatile Duration grace;

    /**
     * The dependencies of the relay.
     *
     * @param dkim keys that replace signatures of this server in converted messages, whatever {@code checks.sign} is now
     */
    record Dependencies(
            EventLoops loops,
            Dns dns,
            MailStore store,
            AccountStore accounts,
            @Nullable SenderRewriting rewriting,
            SessionRegistry sessions,
            Observations observations,
            DkimKeys dkim,
            MailEvents events) {}

    /** @param listeners addresses of this server's SMTP listeners, as bound */
    OutgoingMail(MailservConfig settings, Dependencies given, Supplier<Collection<InetSocketAddress>> listeners) {
        RelayConfig config = settings.relay();
        EventLoop loop = given.loops().group().next();
        grace = settings.shutdownTimeout();
        // Bounded by the relay: at most active-messages are open at once, with a task each.
        readers = new ThreadPoolExecutor(
                config.readers(),
                config.readers(),
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory("relay-reader", true));
        MailStore store = given.store();
        RecipientRouter recipients = new RecipientRouter(given.accounts(), store.mailboxes(), given.rewriting());
        SecureRandom random = new SecureRandom();
        relay = new Relay(new RelayDependencies(
                new EventLoopClock(loop, InstantSource.system()),
                config,
                Objects.requireNonNullElse(config.helo(), settings.hostname()),
                store.spool(),
                store.mailboxes(),
                router(settings, given, listeners, random),
                queue -> bouncer(settings, given, recipients, queue),
                reversePaths(given.rewriting()),
                new NettyConnector(
                        loop, given.loops().clientChannel(), addresses(config.bindAddresses()), given.sessions()),
                new TlsClients(settings.tls().provider(), null),
                readers,
                ByteBufAllocator.DEFAULT,
                random,
                settings.reports().tls() ? given.observations() : Observations.NONE,
                new DkimSigner(given.dkim(), InstantSource.system()),
                store.seats(),
                store.blocks(),
                store.lease(),
                given.events()));
        acceptor = store.acceptor(relay, new LocalSuccess(relay.notifier()));
        returned = new PickupBounces(relay.notifier());
    }

    private Router router(
            MailservConfig settings,
            Dependencies given,
            Supplier<Collection<InetSocketAddress>> listeners,
            SecureRandom random) {
        RelayConfig config = settings.relay();
        return new Router(
                given.dns(),
                new OwnAddresses(settings.hostname(), listeners, OwnAddresses.ofThisMachine()),
                config.allowLoopback(),
                config.maxHosts(),
                random,
                trust(settings, given.dns(), given.loops(), readers));
    }

    /** Returns the bouncer. Its notices have the null sender, so that its acceptor never sends a notice about a notice. */
    private Bouncer bouncer(
            MailservConfig settings, Dependencies given, RecipientRouter recipients, MessageQueue queue) {
        return new Bouncer(new Bouncer.Dependencies(
                settings.hostname(),
                settings.relay().bounce(),
                given.store().spool(),
                given.accounts(),
                recipients,
                given.store().acceptor(queue, SuccessNotices.NONE),
                readers,
                given.events(),
                InstantSource.system()));
    }

    /** Returns the TLS policies of other domains (DANE, MTA-STS) as configured. */
    public static HostTrust trust(MailservConfig settings, Dns dns, EventLoops loops, Executor executor) {
        RelayConfig config = settings.relay();
        RelayConfig.MtaStsConfig sts = config.mtaSts();
        boolean dane = config.dane() && settings.dns().trusted();
        HttpsFetcher fetcher = new HttpsFetcher(
                dns,
                loops.group(),
                loops.clientChannel(),
                new TlsClients(settings.tls().provider(), null),
                sts.port(),
                config.allowLoopback(),
                sts.timeout());
        StsPolicies policies = sts.enabled()
                ? new StsPolicies(
                        dns,
                        fetcher,
                        new RealDisk(),
                        settings.dataDir().toAbsolutePath().resolve("mta-sts"),
                        executor,
                        InstantSource.system(),
                        sts.cacheSize())
                : null;
        return dane || policies != null ? new OutboundTrust(dns, dane, policies) : HostTrust.NONE;
    }

    private static BiFunction<Envelope, Recipient, ReversePath> reversePaths(@Nullable SenderRewriting rewriting) {
        return rewriting == null ? (envelope, recipient) -> envelope.sender() : rewriting::reversePath;
    }

    private static List<InetAddress> addresses(List<String> texts) {
        return texts.stream().map(OutgoingMail::address).toList();
    }

    private static InetAddress address(String text) {
        byte[] octets = NetUtil.createByteArrayFromIpAddressString(text);
        try {
            if (octets != null) {
                return InetAddress.getByAddress(octets);
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("relay.bind-addresses: " + text, e);
        }
        throw new IllegalArgumentException("relay.bind-addresses: \"" + text + "\" (expected: an IP address)");
    }

    /** Sets the time that deliveries in progress may take to end when the server stops. Any thread. */
    void setGrace(Duration longest) {
        grace = longest;
    }

    Relay relay() {
        return relay;
    }

    /** Returns the sender of bounces for mail that was dropped into a folder. */
    ReturnedMail returned() {
        return returned;
    }

    /** Returns the acceptor of messages for local and remote recipients. */
    MessageAcceptor acceptor() {
        return acceptor;
    }

    /** Lets deliveries in progress end, for at most {@code shutdown-timeout}. Blocks. */
    @Override
    public void close() throws Exception {
        Duration longest = grace;
        try {
            relay.close(longest).toCompletableFuture().get(longest.toMillis() + 2_000, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("event=relay-cut reason=\"deliveries went on after shutdown-timeout\"");
        }
        readers.shutdown();
    }
}
