package org.mailserv.relay.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.relay.bounce.Notifier;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.route.Routes;
import org.mailserv.relay.smtp.Conversion;
import org.mailserv.relay.smtp.ServerFaults;
import org.mailserv.server.delivery.MessageQueue;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.QueuedMessage;

/** The queue with everything that works on it. Any thread may call it. */
public final class Relay implements MessageQueue, QueueListener {
    private static final int REFUSALS_AT_ONCE = 16;
    private static final Duration OVERDUE_AGAIN = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofMillis(20);

    private final RelayDependencies dependencies;
    private final RelayLoop loop;
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

    public Relay(RelayDependencies dependencies) {
        this.dependencies = dependencies;
        loop = dependencies.loop();
        MailEvents events = dependencies.events();
        RelayConfig config = dependencies.config();
        RetrySchedule schedule = new RetrySchedule(config.retry(), dependencies.random());
        routes = new Routes(config);
        permit = new DeliveryPermit(loop, dependencies.lease(), this::resumed);
        queue = new QueueManager(loop, config.retry(), new Events());
        notifier = dependencies.notifier().apply(queue::enqueue);
        UnstoredStates states = new UnstoredStates(loop, dependencies.spool(), events);
        messages = new ActiveMessages(
                loop,
                dependencies.spool(),
                states,
                dependencies.readers(),
                dependencies.allocator(),
                new Conversion(dependencies.signer(), config.convertSigned()),
                events);
        settlement = new Settlement(loop, states, messages, notifier, schedule, queue, events);
        local = new LocalRetries(loop, dependencies.mailboxes(), messages, settlement, events);
        dispatcher = new Dispatcher(
                loop,
                config,
                schedule,
                domain -> dependencies.router().find(domain, routes.find(domain)),
                sender(config.retry().uncertainLosses()),
                new Destinations(),
                permit,
                dependencies.blocks(),
                this::services);
        admin = new QueueAdmin(loop, dependencies.spool(), queue, dispatcher, messages, settlement, events);
    }

    private Sender sender(int uncertainLosses) {
        return new Sender(
                messages,
                dependencies.reversePaths(),
                uncertainLosses,
                permit,
                new Runs(),
                loop,
                dependencies.events());
    }

    private ConnectAttempt.Services services(Dispatcher connections) {
        return new ConnectAttempt.Services(
                loop,
                dependencies.config(),
                dependencies.helo(),
                dependencies.connector(),
                dependencies.tls(),
                dependencies.readers(),
                dependencies.seats(),
                dependencies.lease(),
                connections,
                dependencies.observations(),
                new ServerFaults(loop::elapsedMillis));
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
        loop.execute(() -> {
            queue.drop(some);
            awaitEnd(some, done);
        });
        return done;
    }

    private void awaitEnd(Predicate<QueueId> some, CompletableFuture<Void> done) {
        if (messages.isBusyWith(some)) {
            loop.schedule(LOOK, () -> awaitEnd(some, done));
        } else {
            done.complete(null);
        }
    }

    @Override
    public void pause() {
        loop.execute(permit::pause);
    }

    @Override
    public void resume() {
        loop.execute(permit::resume);
    }

    private void resumed() {
        if (!closing) {
            List<DomainQueue> domains = new ArrayList<>();
            queue.domainQueues().all().forEach(domains::add);
            domains.stream().filter(DomainQueue::isLocal).forEach(local::wake);
            dispatcher.resume(
                    domains.stream().filter(domain -> !domain.isLocal()).toList());
        }
    }

    @Override
    public CompletionStage<?> taken() {
        return size();
    }

    /** Sets the routes. Waiting mail uses them at its next attempt. */
    public void setRoutes(Routes changed) {
        routes = changed;
        dependencies
                .loop()
                .execute(() -> dispatcher.routesChanged(queue.domainQueues().all()));
    }

    /** Starts an attempt for all mail that waits for a domain. Returns at once. */
    public void retryDomain(String domain) {
        String name = domain.startsWith("@") || domain.startsWith("#") ? domain.substring(1) : domain;
        loop.execute(() -> {
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
        loop.execute(() -> size.complete(queue.size()));
        return size;
    }

    /**
     * Begins no more messages, lets those in progress end, and then aborts the rest.
     *
     * @return completes when no connection is open, or after the grace period
     */
    public CompletionStage<Void> close(Duration grace) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            closing = true;
            queue.close();
            dispatcher.close();
            awaitIdle(loop.now().plus(grace).toEpochMilli(), done);
        });
        return done;
    }

    private void awaitIdle(long deadline, CompletableFuture<Void> done) {
        boolean late = loop.now().toEpochMilli() >= deadline;
        if (late) {
            dispatcher.abandon();
        }
        if (late || dispatcher.openConnections() == 0 && messages.size() == 0) {
            done.complete(null);
        } else {
            loop.schedule(LOOK, () -> awaitIdle(deadline, done));
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
            loop.schedule(Duration.ZERO, () -> {
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
                queue.watchAt(entry, loop.now().plus(OVERDUE_AGAIN).toEpochMilli());
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
            loop.schedule(wait, task);
        }
    }
}
