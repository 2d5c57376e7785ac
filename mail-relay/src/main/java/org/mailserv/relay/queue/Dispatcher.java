package org.mailserv.relay.queue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.route.Destination;
import org.mailserv.relay.smtp.ConnectionLoss;
import org.mailserv.relay.smtp.OpenFailure;
import org.mailserv.relay.smtp.Outcome;
import org.mailserv.server.text.Durations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings sites to their lanes and lanes to connections: at most so many in all and so many to an address, in turn for all lanes; a lane
 * that fails waits as a whole. On the relay's loop.
 */
final class Dispatcher implements Link.Listener, Round.Addresses {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final Duration KEEP_ROUTE = Duration.ofSeconds(30);
    // Messages after which a connection makes room for a lane that waits.
    private static final int QUANTUM = 100;

    private final RelayLoop loop;
    private final RelayConfig config;
    private final RetrySchedule schedule;
    private final Function<String, CompletionStage<Destination>> router;
    private final Sender sender;
    private final Undeliverable undeliverable;
    private final Round.Services services;
    private final Map<String, Lane> lanes = new HashMap<>();
    private final Map<InetSocketAddress, Integer> addresses = new HashMap<>();
    private final Map<InetSocketAddress, Deque<Lane>> addressWaiters = new HashMap<>();
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
            Function<Dispatcher, Round.Services> services) {
        this.loop = loop;
        this.config = config;
        this.schedule = schedule;
        this.router = router;
        this.sender = sender;
        this.undeliverable = undeliverable;
        this.services = services.apply(this);
    }

    private long now() {
        return loop.now().toEpochMilli();
    }

    /** A site has something to send. */
    void wake(Site site) {
        if (closing || site.ready == 0 || site.resolving || site.blockedUntil > now()) {
            return;
        }
        Lane lane = site.lane;
        if (lane != null && site.resolvedUntil > now()) {
            lane.join(site);
            pump(lane);
            return;
        }
        site.resolving = true;
        router.apply(site.domain)
                .whenComplete((found, failure) -> loop.execute(() -> resolved(
                        site,
                        found != null
                                ? found
                                : new Destination.None(
                                        Outcome.deferred(4, 3, "").status(), "the route failed: " + failure))));
    }

    private void resolved(Site site, Destination found) {
        site.resolving = false;
        if (found instanceof Destination.Hosts hosts) {
            site.failures = 0;
            site.problem = null;
            Lane lane = lanes.computeIfAbsent(hosts.laneKey(), key -> new Lane(key, hosts));
            lane.destination = hosts;
            site.lane = lane;
            site.resolvedUntil = now() + KEEP_ROUTE.toMillis();
            lane.join(site);
            pump(lane);
        } else if (found instanceof Destination.None none) {
            unreachable(site, none);
        }
    }

    private void unreachable(Site site, Destination.None none) {
        String text = none.status() + " " + none.text();
        if (none.isPermanent()) {
            undeliverable.refuseAll(site, new Problem(null, new Outcome.Failed(none.status(), text)));
            return;
        }
        Problem problem = new Problem(null, new Outcome.Deferred(none.status(), text));
        site.problem = problem;
        if (site.failures == 0) {
            site.failingSince = now();
        }
        Duration wait = schedule.after(++site.failures);
        site.blockedUntil = now() + wait.toMillis();
        LOG.info("event=site-deferred domain={} wait=\"{}\" reason=\"{}\"", site.domain, Durations.text(wait), text);
        Entry first = site.poll();
        if (first != null) {
            undeliverable.defer(first, problem);
        }
        undeliverable.retryLater(site, wait, () -> {
            site.blockedUntil = 0;
            wake(site);
        });
    }

    private void pump(Lane lane) {
        if (closing || lane.blockedUntil > now()) {
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
                        addressWaiters
                                .computeIfAbsent(address, key -> new ArrayDeque<>())
                                .add(lane);
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
            // Not from within: the lane that frees the slot is in the middle of something.
            loop.execute(() -> pump(next));
        }
    }

    private void laneFailed(Lane lane, Problem problem, boolean blameOne) {
        if (problem.outcome() instanceof Outcome.Failed) {
            lane.takeSites().forEach(site -> undeliverable.refuseAll(site, problem));
            forget(lane);
            return;
        }
        lane.problem = problem;
        if (lane.failures == 0) {
            lane.failingSince = now();
        }
        Duration wait = schedule.after(++lane.failures);
        lane.blockedUntil = now() + wait.toMillis();
        LOG.info(
                "event=lane-deferred lane=\"{}\" wait=\"{}\" reason=\"{}\"",
                lane.destination.describe(),
                Durations.text(wait),
                problem.text());
        Entry entry = blameOne ? lane.poll() : null;
        if (entry != null) {
            undeliverable.defer(entry, problem);
        }
        loop.schedule(wait, () -> unblock(lane));
    }

    private void unblock(Lane lane) {
        lane.blockedUntil = 0;
        for (Site site : lane.takeSites()) {
            site.resolvedUntil = 0;
            wake(site);
        }
        forget(lane);
    }

    private void feed(Link link) {
        if (link.connection.isOpen()) {
            link.cancelIdle();
            boolean yields =
                    (!slotWaiters.isEmpty() || waiterFor(link) != null) && link.submitted >= QUANTUM * (link.turns + 1);
            while (!yields && link.connection.room() - link.loading > 0) {
                Entry entry = link.lane.poll();
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

    /** Nothing to do, or time for others. */
    private void idle(Link link, boolean yields) {
        Lane waiter = waiterFor(link);
        if (closing || link.connection.isUsedUp() || !slotWaiters.isEmpty() && waiter == null) {
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
        Deque<Lane> waiters = addressWaiters.get(link.connection.session().address());
        return waiters == null ? null : waiters.peek();
    }

    /** The same server, another lane: the connection is as good for it, where the route is the same. */
    private void handOver(Link link, Lane waiter) {
        if (!link.connection.session().route().equals(waiter.destination.route())) {
            link.connection.close();
            return;
        }
        Deque<Lane> waiters = addressWaiters.get(link.connection.session().address());
        if (waiters != null) {
            waiters.poll();
            if (waiters.isEmpty()) {
                addressWaiters.remove(link.connection.session().address());
            }
        }
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
        release(link.connection.session().address());
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

    @Override
    public boolean acquire(InetSocketAddress address) {
        int used = addresses.getOrDefault(address, 0);
        if (used >= config.maxConnectionsPerMx()) {
            return false;
        }
        addresses.put(address, used + 1);
        return true;
    }

    @Override
    public void release(InetSocketAddress address) {
        addresses.computeIfPresent(address, (key, used) -> used > 1 ? used - 1 : null);
        Deque<Lane> waiters = addressWaiters.get(address);
        if (waiters != null) {
            Lane next = waiters.poll();
            if (waiters.isEmpty()) {
                addressWaiters.remove(address);
            }
            if (next != null) {
                next.waiting = false;
                loop.execute(() -> pump(next));
            }
        }
    }

    /** Lets a site and its lane be tried at once, whatever back-off they are in. */
    void unblock(Site site) {
        site.blockedUntil = 0;
        Lane lane = site.lane;
        if (lane != null) {
            lane.blockedUntil = 0;
        }
        wake(site);
    }

    /** Routes have changed: everything is looked up again at its next try. */
    void routesChanged(Iterable<Site> sites) {
        sites.forEach(site -> site.resolvedUntil = 0);
    }

    /** Returns the reason why mail for a site could not be sent at the last attempt, or null if there is none. */
    @Nullable
    Problem problemOf(Site site) {
        Lane lane = site.lane;
        return site.problem != null ? site.problem : lane == null ? null : lane.problem;
    }

    /** Returns the back-off that a site is in, by itself or with its hosts, or null. */
    @Nullable
    Backoff backoffOf(Site site) {
        long now = now();
        Lane lane = site.lane;
        if (site.blockedUntil > now) {
            return backoff(site.blockedUntil, site.failures, site.failingSince, site.problem);
        } else if (lane != null && lane.blockedUntil > now) {
            return backoff(lane.blockedUntil, lane.failures, lane.failingSince, lane.problem);
        }
        return null;
    }

    private static Backoff backoff(long until, int failures, long since, @Nullable Problem problem) {
        return new Backoff(
                Instant.ofEpochMilli(until),
                failures,
                Instant.ofEpochMilli(since),
                problem == null ? "not known" : problem.text());
    }

    /** Begins no message any more and closes connections as they become idle. */
    void close() {
        closing = true;
        new ArrayList<>(links).forEach(link -> link.connection.close());
    }

    /** Cuts what is still open. */
    void abandon() {
        new ArrayList<>(links).forEach(link -> link.connection.abandon());
    }

    int openConnections() {
        return links.size();
    }
}
