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
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.relay.bounce.Bouncer;
import org.mailserv.relay.bounce.LocalSuccess;
import org.mailserv.relay.bounce.Notifier;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.queue.EventLoopClock;
import org.mailserv.relay.queue.Relay;
import org.mailserv.relay.queue.RelayDependencies;
import org.mailserv.relay.route.HostTrust;
import org.mailserv.relay.route.OwnAddresses;
import org.mailserv.relay.route.Router;
import org.mailserv.relay.smtp.NettyConnector;
import org.mailserv.relay.smtp.TlsClients;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.delivery.MessageQueue;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.SpoolingAcceptor;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.report.Observations;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.store.DestinationBlocks;
import org.mailserv.server.store.Lease;
import org.mailserv.server.store.LocalSeats;
import org.mailserv.server.store.Seats;
import org.mailserv.server.tls.TlsConfig;

/** A relay on real sockets before a spool and mailboxes of the test's choice. */
public final class RelayAssembly implements AutoCloseable {
    public final Relay relay;
    private final EventLoops loops = new EventLoops(EventLoops.Transport.NIO, 1);
    private final ExecutorService readers = Executors.newFixedThreadPool(2);
    private final SpoolingAcceptor acceptor;
    private final Spool spool;

    /** @param change of what tells senders */
    public RelayAssembly(
            RelayConfig config,
            FakeDns dns,
            AccountStore accounts,
            Spool spool,
            MailboxStore mailboxes,
            UnaryOperator<Notifier> change) {
        this(
                config,
                dns,
                accounts,
                spool,
                mailboxes,
                change,
                new Sharing(new LocalSeats(config.maxConnectionsPerMx()), DestinationBlocks.NONE, Lease.ALWAYS));
    }

    /** What a relay shares with those of other nodes. */
    public record Sharing(Seats seats, DestinationBlocks blocks, Lease lease) {}

    /** @param sharing takes the place of that of a node alone */
    public RelayAssembly(
            RelayConfig config,
            FakeDns dns,
            AccountStore accounts,
            Spool spool,
            MailboxStore mailboxes,
            UnaryOperator<Notifier> change,
            Sharing sharing) {
        this.spool = spool;
        EventLoop loop = loops.group().next();
        Random random = new Random(4711);
        List<InetAddress> bind =
                config.bindAddresses().stream().map(FakeDns::address).toList();
        OwnAddresses own = new OwnAddresses(
                "relay.test", () -> List.of(new InetSocketAddress("127.0.0.9", config.port())), List.of());
        relay = new Relay(new RelayDependencies(
                new EventLoopClock(loop, InstantSource.system()),
                config,
                "relay.test",
                spool,
                mailboxes,
                new Router(dns, own, config.allowLoopback(), config.maxHosts(), random, HostTrust.NONE),
                queue -> change.apply(bouncer(config, accounts, mailboxes, queue)),
                (envelope, recipient) -> envelope.sender(),
                new NettyConnector(loop, loops.clientChannel(), bind, new SessionRegistry()),
                new TlsClients(TlsConfig.Provider.AUTO, null),
                readers,
                ByteBufAllocator.DEFAULT,
                random,
                Observations.NONE,
                null,
                sharing.seats(),
                sharing.blocks(),
                sharing.lease(),
                MailEvents.NONE));
        acceptor = new SpoolingAcceptor(spool, mailboxes, relay, new LocalSuccess(relay.notifier()), MailEvents.NONE);
    }

    private Bouncer bouncer(RelayConfig config, AccountStore accounts, MailboxStore mailboxes, MessageQueue queue) {
        return new Bouncer(new Bouncer.Dependencies(
                "relay.test",
                config.bounce(),
                spool,
                accounts,
                new RecipientRouter(accounts, mailboxes, null),
                new SpoolingAcceptor(spool, mailboxes, queue, SuccessNotices.NONE, MailEvents.NONE),
                readers,
                MailEvents.NONE,
                InstantSource.system()));
    }

    /** Takes a message as the server would, and gives its id. */
    public String send(UnaryOperator<Envelope> change, String from, String text, String... to) {
        MessageWriter writer = spool.newMessage(to.length);
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
