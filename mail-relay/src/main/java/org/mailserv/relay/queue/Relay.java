package org.mailserv.relay.queue;

import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.relay.bounce.Notifier;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.route.Router;
import org.mailserv.relay.route.Routes;
import org.mailserv.relay.smtp.Connector;
import org.mailserv.relay.smtp.Conversion;
import org.mailserv.relay.smtp.ServerFaults;
import org.mailserv.relay.smtp.TlsClients;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.delivery.MessageQueue;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.report.Observations;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.store.DestinationBlocks;
import org.mailserv.server.store.Lease;
import org.mailserv.server.store.Seats;

/** The queue with everything that works on it. Any thread may call it. */
public final class Relay implements MessageQueue, QueueListener {
    private static final int REFUSALS_AT_ONCE = 16;
    private static final Duration OVERDUE_AGAIN = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofMillis(20);

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
    public record Parts(
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

    private final Parts parts;
    private final QueueManager queue;
    private final Dispatcher dispatcher;
    private final Settlement settlement;
    private final LocalRetries local;
    private final ActiveMessages messages;
    private final QueueAdmin admin;
    private final Notifier notifier;
    private final DeliveryPermit permit;
    private volatile Routes routes;
    private int refusing;
    private boolean closing;

    public Relay(Parts parts) {
        this.parts = parts;
        RelayConfig config = parts.config();
        RetrySchedule schedule = new RetrySchedule(config.retry(), parts.random());
        routes = new Routes(config);
        permit = new DeliveryPermit(parts.loop(), parts.lease(), this::resumed);
        queue = new QueueManager(parts.loop(), config.retry(), new Events());
        notifier = parts.notifier().apply(queue::enqueue);
        UnstoredStates states = new UnstoredStates(parts.loop(), parts.spool(), parts.events());
        messages = new ActiveMessages(
                parts.loop(),
                parts.spool(),
                states,
                parts.readers(),
                parts.allocator(),
                new Conversion(parts.signer(), config.convertSigned()),
                parts.events());
        settlement = new Settlement(parts.loop(), states, messages, notifier, schedule, queue, parts.events());
        local = new LocalRetries(parts.loop(), parts.mailboxes(), messages, settlement, parts.events());
        dispatcher = new Dispatcher(
                parts.loop(),
                config,
                schedule,
                domain -> parts.router().find(domain, routes.find(domain)),
                new Sender(
                        messages,
                        parts.reversePaths(),
                        config.retry().uncertainLosses(),
                        permit,
                        new Runs(),
                        parts.loop(),
                        parts.events()),
                new Destinations(),
                permit,
                parts.blocks(),
                this::services);
        admin = new QueueAdmin(parts.loop(), parts.spool(), queue, dispatcher, messages, settlement, parts.events());
    }

    private ConnectAttempt.Services services(Dispatcher connections) {
        return new ConnectAttempt.Services(
                parts.loop(),
                parts.config(),
                parts.helo(),
                parts.connector(),
                parts.tls(),
                parts.readers(),
                parts.seats(),
                parts.lease(),
                connections,
                parts.observations(),
                new ServerFaults(parts.loop()::elapsedMillis));
    }

    @Override
    public void enqueue(QueuedMessage message) {
        queue.enqueue(message);
    }

    @Override
    public void arrived(QueuedMessage message) {
        queue.enqueue(message);
    }

    @Override
    public CompletionStage<Void> lost(Predicate<QueueId> some) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        parts.loop().execute(() -> {
            queue.drop(some);
            awaitEnd(some, done);
        });
        return done;
    }

    private void awaitEnd(Predicate<QueueId> some, CompletableFuture<Void> done) {
        if (messages.isBusyWith(some)) {
            parts.loop().schedule(LOOK, () -> awaitEnd(some, done));
        } else {
            done.complete(null);
        }
    }

    @Override
    public void pause() {
        parts.loop().execute(permit::pause);
    }

    @Override
    public void resume() {
        parts.loop().execute(permit::resume);
    }

    private void resumed() {
        if (!closing) {
            List<DomainQueue> domains = new ArrayList<>();
            queue.domainQueues().all().forEach(domains::add);
            domains.stream().filter(DomainQueue::isLocal).forEach(local::wake);
            dispatcher.resume(domains.stream().filter(domain -> !domain.isLocal()).toList());
        }
    }

    @Override
    public CompletionStage<?> taken() {
        return size();
    }

    /** Sets the routes. Waiting mail uses them at its next attempt. */
    public void setRoutes(Routes changed) {
        routes = changed;
        parts.loop().execute(() -> dispatcher.routesChanged(queue.domainQueues().all()));
    }

    /** Starts an attempt for all mail that waits for a domain. Returns at once. */
    public void retryDomain(String domain) {
        String name = domain.startsWith("@") || domain.startsWith("#") ? domain.substring(1) : domain;
        parts.loop().execute(() -> {
            if (!closing) {
                admin.retryDomain(DomainNames.canonical(name));
            }
        });
    }

    /** Returns the notifier that bounces go through. */
    public Notifier notifier() {
        return notifier;
    }

    /** Returns the operations for an operator. */
    public QueueAdmin admin() {
        return admin;
    }

    /** Returns the number of messages in the queue, which may be slightly out of date. */
    public int messages() {
        return queue.sizeSeen();
    }

    /** Returns the number of messages in the queue. */
    public CompletionStage<Integer> size() {
        CompletableFuture<Integer> size = new CompletableFuture<>();
        parts.loop().execute(() -> size.complete(queue.size()));
        return size;
    }

    /**
     * Begins no more messages, lets those in progress end, and then aborts the rest.
     *
     * @return completes when no connection is open, or after the grace period
     */
    public CompletionStage<Void> close(Duration grace) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        parts.loop().execute(() -> {
            closing = true;
            queue.close();
            dispatcher.close();
            awaitIdle(parts.loop().now().plus(grace).toEpochMilli(), done);
        });
        return done;
    }

    private void awaitIdle(long deadline, CompletableFuture<Void> done) {
        boolean late = parts.loop().now().toEpochMilli() >= deadline;
        if (late) {
            dispatcher.abandon();
        }
        if (late || dispatcher.openConnections() == 0 && messages.size() == 0) {
            done.complete(null);
        } else {
            parts.loop().schedule(LOOK, () -> awaitIdle(deadline, done));
        }
    }

    private void refuse(DomainQueue domain, Problem problem) {
        while (refusing < REFUSALS_AT_ONCE) {
            QueueEntry entry = domain.poll();
            if (entry == null) {
                return;
            }
            refusing++;
            settlement.settle(entry, problem);
            // Opening takes at least one turn of the loop, which limits how many are open at once.
            parts.loop().schedule(Duration.ZERO, () -> {
                refusing--;
                refuse(domain, problem);
            });
        }
    }

    private final class Events implements QueueManager.Listener {
        @Override
        public void ready(DomainQueue domain) {
            if (closing || !permit.isGiven()) {
                return;
            } else if (domain.isLocal()) {
                local.wake(domain);
            } else {
                dispatcher.wake(domain);
            }
        }

        @Override
        public void overdue(QueueEntry entry) {
            if (!permit.isGiven()) {
                queue.watchAt(entry, parts.loop().now().plus(OVERDUE_AGAIN).toEpochMilli());
                queue.schedule(entry, Instant.ofEpochMilli(entry.due));
                return;
            }
            settlement.overdue(entry, entry.domain.lastProblem());
        }
    }

    private final class Runs implements Sender.Listener {
        @Override
        public void ended(ActiveMessage active, List<QueueEntry> entries, boolean tried, @Nullable Problem problem) {
            settlement.ended(active, entries, tried, problem);
        }

        @Override
        public void unreadable(List<QueueEntry> entries, @Nullable Throwable failure) {
            settlement.unreadable(entries, failure);
        }

        @Override
        public void taken(QueueEntry entry) {
            queue.take(entry);
        }
    }

    private final class Destinations implements Undeliverable {
        @Override
        public void defer(QueueEntry entry, Problem problem) {
            settlement.settle(entry, problem);
        }

        @Override
        public void refuseAll(DomainQueue domain, Problem problem) {
            refuse(domain, problem);
        }

        @Override
        public void retryLater(DomainQueue domain, Duration wait, Runnable task) {
            parts.loop().schedule(wait, task);
        }
    }
}
