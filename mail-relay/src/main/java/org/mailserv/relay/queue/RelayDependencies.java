package org.mailserv.relay.queue;

import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.relay.bounce.Notifier;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.route.Router;
import org.mailserv.relay.smtp.Connector;
import org.mailserv.relay.smtp.TlsClients;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.delivery.MessageQueue;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.report.Observations;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.store.DestinationBlocks;
import org.mailserv.server.store.Lease;
import org.mailserv.server.store.Seats;

/**
 * The dependencies of the relay.
 *
 * @param helo the name of this server
 * @param reversePaths returns the reverse-path of a message for one of its recipients
 * @param notifier creates the notifier, which adds its bounces to the queue it is given
 * @param readers runs what blocks: reading messages
 * @param random for jitter
 * @param observations receives results for the reports to other domains
 * @param signer signs messages again that were signed here and had to be converted, or null if nothing is signed
 * @param seats the right to connections
 * @param blocks the failures that other nodes have seen
 * @param lease tells whether the queue still belongs to this node
 * @param events receives deliveries, deferrals and failures
 */
public record RelayDependencies(
        RelayLoop loop,
        RelayConfig config,
        String helo,
        Spool spool,
        MailboxStore mailboxes,
        Router router,
        Function<MessageQueue, Notifier> notifier,
        BiFunction<Envelope, Recipient, ReversePath> reversePaths,
        Connector connector,
        TlsClients tls,
        Executor readers,
        ByteBufAllocator allocator,
        RandomGenerator random,
        Observations observations,
        @Nullable DkimSigner signer,
        Seats seats,
        DestinationBlocks blocks,
        Lease lease,
        MailEvents events) {}
