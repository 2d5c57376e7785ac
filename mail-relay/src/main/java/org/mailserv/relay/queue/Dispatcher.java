package org.mailserv.relay.queue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.route.Destination;
import org.mailserv.relay.smtp.ConnectionLoss;
import org.mailserv.relay.smtp.OpenFailure;
import org.mailserv.relay.smtp.Outcome;
import org.mailserv.server.store.DestinationBlocks;
import org.mailserv.server.text.Durations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Assigns domains to destinations and destinations to connections. The number of connections is limited in total and per address, and
 * destinations take turns. A destination that fails backs off as a whole. Confined to the relay's loop.
 */
final class Dispatcher implements PooledConnection.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    // Number of messages after which a connection makes room for a waiting queue.
    private static final int QUANTUM = 100;
    // A block reported by another node is read again after this time, because that node may have succeeded since.
    private static final Duration TRUST_BLOCK = Duration.ofMinutes(1);

    private final RelayLoop loop;
    private final RelayConfig config;
    private final RetrySchedule schedule;
    private final DomainResolver resolver;
    private final Sender sender;
    private final Undeliverable undeliverable;
    private final DeliveryPermit permit;
    private final DestinationBlocks blocks;
    private final ConnectAttempt.Services services;
    private final Map<String, DestinationQueue> queues = new HashMap<>();
    private final SeatQueue seatWaiters = new SeatQueue();
    private final Deque<DestinationQueue> slotWaiters = new ArrayDeque<>();
    private final Set<PooledConnection> connections = new LinkedHashSet<>();
    private int slots;
    private boolean closing;

    Dispatcher(
            RelayLoop loop,
            RelayConfig config,
            RetrySchedule schedule,
            Function<String, CompletionStage<Destination>> router,
            Sender sender,
            Undeliverable undeliverable,
            DeliveryPermit permit,
            DestinationBlocks blocks,
            Function<Dispatcher, ConnectAttempt.Services> services) {
        this.loop = loop;
        this.config = config;
        this.schedule = schedule;
        this.resolver = new DomainResolver(loop, schedule, router, undeliverable, this::found, this::wake);
        this.sender = sender;
        this.undeliverable = undeliverable;
        this.permit = permit;
        this.blocks = blocks;
        this.services = services.apply(this);
        this.services.seats().onFree(address -> loop.execute(() -> seatFreed(address)));
    }

    private long now() {
        return loop.now().toEpochMilli();
    }

    /** Called when a domain has something to send. */
    void wake(DomainQueue domain) {
        if (closing || !permit.isGiven() || domain.ready == 0 || domain.resolving || domain.blockedUntil > now()) {
            return;
        }
        DestinationQueue queue = domain.queue;
        if (queue != null && domain.resolvedUntil > now()) {
            queue.join(domain);
            pump(queue);
            return;
        }
        resolver.resolve(domain);
    }

    private void found(DomainQueue domain, Destination.Hosts hosts) {
        DestinationQueue queue = queues.computeIfAbsent(hosts.queueKey(), key -> new DestinationQueue(key, hosts));
        queue.destination = hosts;
        domain.queue = queue;
        queue.join(domain);
        pump(queue);
    }

    private void pump(DestinationQueue queue) {
        if (closing || queue.blockedUntil > now() || !permit.isGiven()) {
            return;
        }
        for (PooledConnection pooled : List.copyOf(queue.connections)) {
            feed(pooled);
        }
        if (queue.hasWork() && !queue.dialing && !queue.waiting && queue.connections.size() < (int) queue.limit) {
            if (slots < config.maxConnections()) {
                dial(queue);
            } else {
                queue.waiting = true;
                slotWaiters.add(queue);
                reclaimIdle();
            }
        }
        forget(queue);
    }

    private void forget(DestinationQueue queue) {
        if (queue.isForgettable() && queue.blockedUntil <= now()) {
            queues.remove(queue.key, queue);
        }
    }

    private void reclaimIdle() {
        for (PooledConnection pooled : connections) {
            if (pooled.connection.isIdle() && pooled.loading == 0 && !pooled.queue.hasWork()) {
                pooled.connection.close();
                return;
            }
        }
    }

    private void dial(DestinationQueue queue) {
        slots++;
        queue.dialing = true;
        CompletableFuture<DestinationBlocks.@Nullable Block> found = queue.insisting
                ? CompletableFuture.completedFuture(null)
                : blocks.find(queue.key).toCompletableFuture();
        queue.insisting = false;
        if (found.isDone()) {
            dialUnless(found.join(), queue);
        } else {
            found.whenComplete((block, failure) -> loop.execute(() -> dialUnless(block, queue)));
        }
    }

    private void dialUnless(DestinationBlocks.@Nullable Block block, DestinationQueue queue) {
        if (block == null) {
            startAttempt(queue);
            return;
        }
        queue.dialing = false;
        freeSlot();
        Duration wait = block.left().compareTo(TRUST_BLOCK) < 0 ? block.left() : TRUST_BLOCK;
        queue.problem = new Problem(null, Outcome.deferred(4, 1, block.reason()));
        queue.blockedUntil = now() + wait.toMillis();
        loop.schedule(wait, () -> unblock(queue));
    }

    private void startAttempt(DestinationQueue queue) {
        new ConnectAttempt(queue, services, new ConnectAttempt.Listener() {
                    @Override
                    public void opened(PooledConnection pooled) {
                        queue.dialing = false;
                        connections.add(pooled);
                        queue.connections.add(pooled);
                        queue.tls = TlsUse.of(pooled.connection);
                        if (closing) {
                            pooled.connection.close();
                        }
                        pump(queue);
                    }

                    @Override
                    public void failed(OpenFailure failure, String mta) {
                        queue.dialing = false;
                        freeSlot();
                        destinationFailed(queue, new Problem(mta, failure.outcome()), true);
                    }

                    @Override
                    public void busy(InetSocketAddress address) {
                        queue.dialing = false;
                        freeSlot();
                        queue.waiting = true;
                        seatWaiters.add(address, queue);
                        connections.stream()
                                .filter(pooled ->
                                        pooled.connection.session().address().equals(address))
                                .findFirst()
                                .ifPresent(Dispatcher.this::feed);
                    }
                })
                .start();
    }

    private void freeSlot() {
        slots--;
        DestinationQueue next = slotWaiters.poll();
        if (next != null) {
            next.waiting = false;
            // Deferred, because the queue that frees the slot is in the middle of an operation.
            loop.execute(() -> pump(next));
        }
    }

    private void destinationFailed(DestinationQueue queue, Problem problem, boolean blameOne) {
        if (problem.outcome() instanceof Outcome.Failed) {
            queue.takeDomains().forEach(domain -> undeliverable.refuseAll(domain, problem));
            forget(queue);
            return;
        }
        Duration wait = schedule.after(queue.failures + 1);
        queue.failed(problem, now(), wait);
        LOG.info(
                "event=destination-deferred destination=\"{}\" wait=\"{}\" reason=\"{}\"",
                queue.destination.describe(),
                Durations.text(wait),
                problem.text());
        blocks.put(queue.key, wait, problem.text());
        QueueEntry entry = blameOne ? queue.poll() : null;
        if (entry != null) {
            undeliverable.defer(entry, problem);
        }
        loop.schedule(wait, () -> unblock(queue));
    }

    private void unblock(DestinationQueue queue) {
        queue.blockedUntil = 0;
        for (DomainQueue domain : queue.takeDomains()) {
            domain.resolvedUntil = 0;
            wake(domain);
        }
        forget(queue);
    }

    private void feed(PooledConnection pooled) {
        if (pooled.connection.isOpen() && permit.isGiven()) {
            pooled.cancelIdle();
            boolean yields = pooled.isWanted()
                    || (!slotWaiters.isEmpty() || waiterFor(pooled) != null)
                            && pooled.submitted >= QUANTUM * (pooled.turns + 1);
            while (!yields && pooled.connection.room() - pooled.loading > 0) {
                QueueEntry entry = pooled.queue.poll();
                if (entry == null) {
                    break;
                }
                sender.send(pooled, entry);
            }
            if (pooled.connection.isIdle() && pooled.loading == 0 && pooled.waiting.isEmpty()) {
                idle(pooled, yields);
            }
        }
    }

    /** Handles a connection without work, or one that has to yield. */
    private void idle(PooledConnection pooled, boolean yields) {
        DestinationQueue waiter = waiterFor(pooled);
        if (closing || pooled.isWanted() || pooled.connection.isUsedUp() || !slotWaiters.isEmpty() && waiter == null) {
            pooled.connection.close();
        } else if (waiter != null) {
            handOver(pooled, waiter);
        } else if (yields) {
            pooled.turns++;
            feed(pooled);
        } else {
            pooled.idle = loop.schedule(config.idleTime(), pooled.connection::close);
        }
    }

    private @Nullable DestinationQueue waiterFor(PooledConnection pooled) {
        return seatWaiters.peek(pooled.connection.session().address());
    }

    /** Passes the connection to another queue of the same server, if the route is the same. */
    private void handOver(PooledConnection pooled, DestinationQueue waiter) {
        if (!pooled.connection.session().route().equals(waiter.destination.route())) {
            pooled.connection.close();
            return;
        }
        seatWaiters.poll(pooled.connection.session().address());
        DestinationQueue before = pooled.queue;
        before.connections.remove(pooled);
        waiter.waiting = false;
        waiter.connections.add(pooled);
        waiter.tls = before.tls;
        pooled.queue = waiter;
        pooled.turns++;
        pump(waiter);
        pump(before);
    }

    @Override
    public void opened(PooledConnection pooled) {
        pump(pooled.queue);
    }

    @Override
    public void roomFor(PooledConnection pooled) {
        if (pooled.connection.completed() > 0) {
            pooled.queue.succeeded(config.maxConnectionsPerMx());
        }
        feed(pooled);
    }

    @Override
    public void closed(PooledConnection pooled, ConnectionLoss loss) {
        DestinationQueue queue = pooled.queue;
        queue.connections.remove(pooled);
        connections.remove(pooled);
        pooled.freeSeat();
        freeSlot();
        String mta = pooled.connection.session().mta();
        LOG.debug("event=connection-closed mta=\"{}\" reason=\"{}\"", mta, loss.reason());
        if (closing) {
            return;
        }
        if (loss.how() == ConnectionLoss.How.SERVICE_CLOSING) {
            queue.slowDown();
        }
        if (pooled.connection.completed() == 0 && loss.how() != ConnectionLoss.How.FINISHED) {
            destinationFailed(queue, new Problem(mta, Outcome.deferred(4, 2, loss.reason())), pooled.submitted == 0);
        } else {
            pump(queue);
        }
    }

    private void seatFreed(InetSocketAddress address) {
        DestinationQueue next = seatWaiters.poll(address);
        if (next != null) {
            next.waiting = false;
            pump(next);
        }
    }

    /** Resumes everything that the permit had stopped. */
    void resume(Iterable<DomainQueue> domains) {
        List.copyOf(queues.values()).forEach(this::pump);
        domains.forEach(this::wake);
    }

    /** Allows an immediate attempt for a domain and its queue, whatever their back-off. */
    void unblock(DomainQueue domain) {
        domain.blockedUntil = 0;
        DestinationQueue queue = domain.queue;
        if (queue != null) {
            queue.blockedUntil = 0;
            queue.insisting = true;
        }
        wake(domain);
    }

    /** Applies changed routes: every destination is looked up again at its next attempt. */
    void routesChanged(Iterable<DomainQueue> domains) {
        domains.forEach(domain -> domain.resolvedUntil = 0);
    }

    /** Begins no more messages, and closes connections as they become idle. */
    void close() {
        closing = true;
        new ArrayList<>(connections).forEach(pooled -> pooled.connection.close());
    }

    /** Aborts the connections that are still open. */
    void abandon() {
        new ArrayList<>(connections).forEach(pooled -> pooled.connection.abandon());
    }

    int openConnections() {
        return connections.size();
    }
}
