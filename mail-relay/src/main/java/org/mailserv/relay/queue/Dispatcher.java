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
import org.mailserv.server.store.LaneBlocks;
import org.mailserv.server.text.Durations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Assigns domains to lanes and lanes to connections. The number of connections is limited in total and per address, and lanes take turns. A
 * lane that fails backs off as a whole. Confined to the relay's loop.
 */
final class Dispatcher implements Link.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final Duration KEEP_ROUTE = Duration.ofSeconds(30);
    // Number of messages after which a connection makes room for a waiting lane.
    private static final int QUANTUM = 100;
    // A block reported by another node is read again after this time, because that node may have succeeded since.
    private static final Duration TRUST_BLOCK = Duration.ofMinutes(1);

    private final RelayLoop loop;
    private final RelayConfig config;
    private final RetrySchedule schedule;
    private final Function<String, CompletionStage<Destination>> router;
    private final Sender sender;
    private final Undeliverable undeliverable;
    private final DeliveryPermit permit;
    private final LaneBlocks blocks;
    private final Round.Services services;
    private final Map<String, Lane> lanes = new HashMap<>();
    private final SeatQueue seatWaiters = new SeatQueue();
    private final Deque<Lane> slotWaiters = new ArrayDeque<>();
    private final Set<Link> links = new LinkedHashSet<>();
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
            LaneBlocks blocks,
            Function<Dispatcher, Round.Services> services) {
        this.loop = loop;
        this.config = config;
        this.schedule = schedule;
        this.router = router;
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
        Lane lane = domain.lane;
        if (lane != null && domain.resolvedUntil > now()) {
            lane.join(domain);
            pump(lane);
            return;
        }
        domain.resolving = true;
        router.apply(domain.name)
                .whenComplete((found, failure) -> loop.execute(() -> resolved(
                        domain,
                        found != null
                                ? found
                                : new Destination.None(
                                        Outcome.deferred(4, 3, "").status(), "the route failed: " + failure))));
    }

    private void resolved(DomainQueue domain, Destination found) {
        domain.resolving = false;
        if (found instanceof Destination.Hosts hosts) {
            domain.failures = 0;
            domain.problem = null;
            Lane lane = lanes.computeIfAbsent(hosts.laneKey(), key -> new Lane(key, hosts));
            lane.destination = hosts;
            domain.lane = lane;
            domain.resolvedUntil = now() + KEEP_ROUTE.toMillis();
            lane.join(domain);
            pump(lane);
        } else if (found instanceof Destination.None none) {
            unreachable(domain, none);
        }
    }

    private void unreachable(DomainQueue domain, Destination.None none) {
        String text = none.status() + " " + none.text();
        if (none.isPermanent()) {
            undeliverable.refuseAll(domain, new Problem(null, new Outcome.Failed(none.status(), text)));
            return;
        }
        Problem problem = new Problem(null, new Outcome.Deferred(none.status(), text));
        Duration wait = schedule.after(domain.failures + 1);
        domain.failed(problem, now(), wait);
        LOG.info("event=site-deferred domain={} wait=\"{}\" reason=\"{}\"", domain.name, Durations.text(wait), text);
        QueueEntry first = domain.poll();
        if (first != null) {
            undeliverable.defer(first, problem);
        }
        undeliverable.retryLater(domain, wait, () -> {
            domain.blockedUntil = 0;
            wake(domain);
        });
    }

    private void pump(Lane lane) {
        if (closing || lane.blockedUntil > now() || !permit.isGiven()) {
            return;
        }
        for (Link link : List.copyOf(lane.links)) {
            feed(link);
        }
        if (lane.hasWork() && !lane.dialing && !lane.waiting && lane.links.size() < (int) lane.limit) {
            if (slots < config.maxConnections()) {
                dial(lane);
            } else {
                lane.waiting = true;
                slotWaiters.add(lane);
                reclaimIdle();
            }
        }
        forget(lane);
    }

    private void forget(Lane lane) {
        if (lane.isForgettable() && lane.blockedUntil <= now()) {
            lanes.remove(lane.key, lane);
        }
    }

    private void reclaimIdle() {
        for (Link link : links) {
            if (link.connection.isIdle() && link.loading == 0 && !link.lane.hasWork()) {
                link.connection.close();
                return;
            }
        }
    }

    private void dial(Lane lane) {
        slots++;
        lane.dialing = true;
        CompletableFuture<LaneBlocks.@Nullable Block> found = lane.insisting
                ? CompletableFuture.completedFuture(null)
                : blocks.find(lane.key).toCompletableFuture();
        lane.insisting = false;
        if (found.isDone()) {
            dialUnless(found.join(), lane);
        } else {
            found.whenComplete((block, failure) -> loop.execute(() -> dialUnless(block, lane)));
        }
    }

    private void dialUnless(LaneBlocks.@Nullable Block block, Lane lane) {
        if (block == null) {
            startRound(lane);
            return;
        }
        lane.dialing = false;
        freeSlot();
        Duration wait = block.left().compareTo(TRUST_BLOCK) < 0 ? block.left() : TRUST_BLOCK;
        lane.problem = new Problem(null, Outcome.deferred(4, 1, block.reason()));
        lane.blockedUntil = now() + wait.toMillis();
        loop.schedule(wait, () -> unblock(lane));
    }

    private void startRound(Lane lane) {
        new Round(lane, services, new Round.Listener() {
                    @Override
                    public void opened(Link link) {
                        lane.dialing = false;
                        links.add(link);
                        lane.links.add(link);
                        if (closing) {
                            link.connection.close();
                        }
                        pump(lane);
                    }

                    @Override
                    public void failed(OpenFailure failure, String mta) {
                        lane.dialing = false;
                        freeSlot();
                        laneFailed(lane, new Problem(mta, failure.outcome()), true);
                    }

                    @Override
                    public void busy(InetSocketAddress address) {
                        lane.dialing = false;
                        freeSlot();
                        lane.waiting = true;
                        seatWaiters.add(address, lane);
                        links.stream()
                                .filter(link ->
                                        link.connection.session().address().equals(address))
                                .findFirst()
                                .ifPresent(Dispatcher.this::feed);
                    }
                })
                .start();
    }

    private void freeSlot() {
        slots--;
        Lane next = slotWaiters.poll();
        if (next != null) {
            next.waiting = false;
            // Deferred, because the lane that frees the slot is in the middle of an operation.
            loop.execute(() -> pump(next));
        }
    }

    private void laneFailed(Lane lane, Problem problem, boolean blameOne) {
        if (problem.outcome() instanceof Outcome.Failed) {
            lane.takeDomains().forEach(domain -> undeliverable.refuseAll(domain, problem));
            forget(lane);
            return;
        }
        Duration wait = schedule.after(lane.failures + 1);
        lane.failed(problem, now(), wait);
        LOG.info(
                "event=lane-deferred lane=\"{}\" wait=\"{}\" reason=\"{}\"",
                lane.destination.describe(),
                Durations.text(wait),
                problem.text());
        blocks.put(lane.key, wait, problem.text());
        QueueEntry entry = blameOne ? lane.poll() : null;
        if (entry != null) {
            undeliverable.defer(entry, problem);
        }
        loop.schedule(wait, () -> unblock(lane));
    }

    private void unblock(Lane lane) {
        lane.blockedUntil = 0;
        for (DomainQueue domain : lane.takeDomains()) {
            domain.resolvedUntil = 0;
            wake(domain);
        }
        forget(lane);
    }

    private void feed(Link link) {
        if (link.connection.isOpen() && permit.isGiven()) {
            link.cancelIdle();
            boolean yields = link.isWanted()
                    || (!slotWaiters.isEmpty() || waiterFor(link) != null)
                            && link.submitted >= QUANTUM * (link.turns + 1);
            while (!yields && link.connection.room() - link.loading > 0) {
                QueueEntry entry = link.lane.poll();
                if (entry == null) {
                    break;
                }
                sender.send(link, entry);
            }
            if (link.connection.isIdle() && link.loading == 0 && link.waiting.isEmpty()) {
                idle(link, yields);
            }
        }
    }

    /** Handles a connection without work, or one that has to yield. */
    private void idle(Link link, boolean yields) {
        Lane waiter = waiterFor(link);
        if (closing || link.isWanted() || link.connection.isUsedUp() || !slotWaiters.isEmpty() && waiter == null) {
            link.connection.close();
        } else if (waiter != null) {
            handOver(link, waiter);
        } else if (yields) {
            link.turns++;
            feed(link);
        } else {
            link.idle = loop.schedule(config.idleTime(), link.connection::close);
        }
    }

    private @Nullable Lane waiterFor(Link link) {
        return seatWaiters.peek(link.connection.session().address());
    }

    /** Passes the connection to another lane of the same server, if the route is the same. */
    private void handOver(Link link, Lane waiter) {
        if (!link.connection.session().route().equals(waiter.destination.route())) {
            link.connection.close();
            return;
        }
        seatWaiters.poll(link.connection.session().address());
        Lane before = link.lane;
        before.links.remove(link);
        waiter.waiting = false;
        waiter.links.add(link);
        link.lane = waiter;
        link.turns++;
        pump(waiter);
        pump(before);
    }

    @Override
    public void opened(Link link) {
        pump(link.lane);
    }

    @Override
    public void roomFor(Link link) {
        if (link.connection.completed() > 0) {
            link.lane.succeeded(config.maxConnectionsPerMx());
        }
        feed(link);
    }

    @Override
    public void closed(Link link, ConnectionLoss loss) {
        Lane lane = link.lane;
        lane.links.remove(link);
        links.remove(link);
        link.freeSeat();
        freeSlot();
        String mta = link.connection.session().mta();
        LOG.debug("event=connection-closed mta=\"{}\" reason=\"{}\"", mta, loss.reason());
        if (closing) {
            return;
        }
        if (loss.how() == ConnectionLoss.How.SERVICE_CLOSING) {
            lane.slowDown();
        }
        if (link.connection.completed() == 0 && loss.how() != ConnectionLoss.How.FINISHED) {
            laneFailed(lane, new Problem(mta, Outcome.deferred(4, 2, loss.reason())), link.submitted == 0);
        } else {
            pump(lane);
        }
    }

    private void seatFreed(InetSocketAddress address) {
        Lane next = seatWaiters.poll(address);
        if (next != null) {
            next.waiting = false;
            pump(next);
        }
    }

    /** Resumes everything that the permit had stopped. */
    void resume(Iterable<DomainQueue> domains) {
        List.copyOf(lanes.values()).forEach(this::pump);
        domains.forEach(this::wake);
    }

    /** Allows an immediate attempt for a domain and its lane, whatever their back-off. */
    void unblock(DomainQueue domain) {
        domain.blockedUntil = 0;
        Lane lane = domain.lane;
        if (lane != null) {
            lane.blockedUntil = 0;
            lane.insisting = true;
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
        new ArrayList<>(links).forEach(link -> link.connection.close());
    }

    /** Aborts the connections that are still open. */
    void abandon() {
        new ArrayList<>(links).forEach(link -> link.connection.abandon());
    }

    int openConnections() {
        return links.size();
    }
}
