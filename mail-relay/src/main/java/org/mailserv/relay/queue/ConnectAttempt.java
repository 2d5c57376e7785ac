package org.mailserv.relay.queue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.route.Destination;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.relay.smtp.Connector;
import org.mailserv.relay.smtp.OpenFailure;
import org.mailserv.relay.smtp.ServerFaults;
import org.mailserv.relay.smtp.Session;
import org.mailserv.relay.smtp.TlsClients;
import org.mailserv.server.report.Observations;
import org.mailserv.server.report.TlsObservation;
import org.mailserv.server.report.TlsResult;
import org.mailserv.server.store.Lease;
import org.mailserv.server.store.Seats;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An attempt to connect to one of a destination's hosts. The best hosts come first, and the address families of a host race with a head start
 * (RFC 8305). The attempt ends with the first open session, or after a limited number of hosts failed.
 */
final class ConnectAttempt implements PooledConnection.Opening {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectAttempt.class);

    /** The dependencies of all attempts. */
    record Services(
            RelayLoop loop,
            RelayConfig config,
            String helo,
            Connector connector,
            TlsClients tls,
            Executor readers,
            Seats seats,
            Lease lease,
            PooledConnection.Listener connections,
            Observations observations,
            ServerFaults faults) {}

    /** Receives the result, once. */
    interface Listener {
        void opened(PooledConnection pooled);

        /** @param mta the host of the last failure */
        void failed(OpenFailure failure, String mta);

        /** Called if other queues use all connections that this address allows. */
        void busy(InetSocketAddress address);
    }

    private record Candidate(String host, InetSocketAddress address, TlsDemand demand, boolean plain) {}

    private final DestinationQueue queue;
    private final Services services;
    private final Listener listener;
    private final Deque<List<Candidate>> races = new ArrayDeque<>();
    private final Deque<Candidate> race = new ArrayDeque<>();
    private final List<PooledConnection> running = new ArrayList<>();
    private RelayLoop.@Nullable Timer headStart;
    private @Nullable OpenFailure lastFailure;
    private String lastMta = "";
    private int failures;
    /** Number of requested seats without an answer yet. */
    private int asking;

    private boolean connected;
    private boolean ended;

    ConnectAttempt(DestinationQueue queue, Services services, Listener listener) {
        this.queue = queue;
        this.services = services;
        this.listener = listener;
    }

    void start() {
        for (Destination.Host host : queue.destination.hosts()) {
            races.addAll(races(host));
        }
        // Addresses that failed recently come last, so that an attempt that reaches its limit is not repeated
        // identically.
        List<List<Candidate>> late = races.stream()
                .filter(candidates -> candidates.stream()
                        .allMatch(c -> queue.failedLately(
                                c.address().getAddress(), services.loop().now())))
                .toList();
        races.removeAll(late);
        races.addAll(late);
        nextRace();
    }

    private List<List<Candidate>> races(Destination.Host host) {
        Deque<InetAddress> first = new ArrayDeque<>();
        Deque<InetAddress> second = new ArrayDeque<>();
        boolean v6First = queue.prefersV6(services.loop().now());
        for (InetAddress address : host.addresses()) {
            (address instanceof Inet6Address == v6First ? first : second).add(address);
        }
        List<List<Candidate>> pairs = new ArrayList<>();
        while (!first.isEmpty() || !second.isEmpty()) {
            List<Candidate> pair = new ArrayList<>(2);
            addCandidate(pair, host, first.poll());
            addCandidate(pair, host, second.poll());
            pairs.add(pair);
        }
        return pairs;
    }

    private void addCandidate(List<Candidate> pair, Destination.Host host, @Nullable InetAddress address) {
        if (address != null) {
            int port = queue.destination.route().port();
            TlsDemand demand = host.demand() == null ? TlsDemand.of(queue.destination.route()) : host.demand();
            pair.add(new Candidate(host.name(), new InetSocketAddress(address, port), demand, false));
        }
    }

    private void nextRace() {
        List<Candidate> next = failures >= services.config().connectsPerRound() ? null : races.poll();
        OpenFailure failure = lastFailure;
        if (next != null) {
            connected = false;
            race.addAll(next);
            startNext();
        } else if (!ended && failure != null) {
            ended = true;
            listener.failed(failure, lastMta);
        }
    }

    private void startNext() {
        cancelHeadStart();
        Candidate candidate = race.poll();
        if (candidate == null || ended) {
            return;
        }
        CompletableFuture<Seats.@Nullable Seat> seat =
                services.seats().take(candidate.address()).toCompletableFuture();
        asking++;
        if (seat.isDone()) {
            seated(candidate, seat.join());
        } else {
            seat.whenComplete((taken, failure) -> services.loop().execute(() -> seated(candidate, taken)));
        }
    }

    private void seated(Candidate candidate, Seats.@Nullable Seat seat) {
        asking--;
        if (ended || connected) {
            if (seat != null) {
                seat.free();
            }
        } else if (seat != null) {
            connect(candidate, seat);
        } else if (running.isEmpty()) {
            ended = true;
            listener.busy(candidate.address());
        }
    }

    private void connect(Candidate candidate, Seats.Seat seat) {
        PooledConnection pooled = new PooledConnection(session(candidate), queue, seat, this, services.connections());
        running.add(pooled);
        if (!race.isEmpty()) {
            headStart = services.loop().schedule(services.config().headStart(), this::startNext);
        }
        pooled.connection.connect(services.connector());
    }

    private Session session(Candidate candidate) {
        RelayConfig config = services.config();
        return new Session(
                candidate.host(),
                candidate.address(),
                queue.destination.route(),
                candidate.demand(),
                services.helo(),
                candidate.plain(),
                config.timeouts(),
                new Session.Limits(config.pipelineDepth(), config.maxRecipients(), config.messagesPerConnection()),
                services.tls(),
                services.readers(),
                services.faults(),
                services.lease());
    }

    private void cancelHeadStart() {
        if (headStart != null) {
            headStart.cancel();
            headStart = null;
        }
    }

    /** Ends a race: the first attempt that connects wins. */
    @Override
    public void connected(PooledConnection winner) {
        if (connected || ended) {
            return;
        }
        connected = true;
        cancelHeadStart();
        race.clear();
        for (PooledConnection pooled : List.copyOf(running)) {
            if (pooled != winner) {
                pooled.connection.abandon();
                running.remove(pooled);
                pooled.freeSeat();
            }
        }
    }

    @Override
    public void opened(PooledConnection pooled) {
        running.remove(pooled);
        ended = true;
        observe(pooled.connection.session(), null, "");
        queue.addressWorked(pooled.connection.session().address().getAddress());
        listener.opened(pooled);
    }

    /** Records the session for the domain's report, if the domain publishes a TLS policy. RFC 8460, 4. */
    private void observe(Session session, @Nullable TlsResult failure, String reason) {
        TlsDemand.Source source = session.demand().source();
        if (source != TlsDemand.Source.ROUTE) {
            services.observations()
                    .add(new TlsObservation(
                            queue.destination.domain(),
                            source == TlsDemand.Source.DANE ? TlsObservation.Policy.TLSA : TlsObservation.Policy.STS,
                            session.host(),
                            session.address().getAddress().getHostAddress(),
                            failure,
                            reason));
        }
    }

    @Override
    public void failed(PooledConnection pooled, OpenFailure failure) {
        if (!running.remove(pooled)) {
            return;
        }
        Session session = pooled.connection.session();
        pooled.freeSeat();
        LOG.info("event=connect-failed mta=\"{}\" reason=\"{}\"", session.mta(), failure.text());
        if (failure.tls() != null) {
            observe(session, failure.tls(), failure.text());
        }
        if (failure.kind() == OpenFailure.Kind.HANDSHAKE && !session.plain()) {
            // RFC 7435: encryption was a wish only. A new connection, because this one is in an unknown state.
            race.addFirst(new Candidate(session.host(), session.address(), session.demand(), true));
            connected = false;
            startNext();
            return;
        }
        queue.addressFailed(session.address().getAddress(), services.loop().now());
        lastFailure = failure;
        lastMta = session.mta();
        if (failure.kind() == OpenFailure.Kind.BUSY) {
            queue.slowDown();
        }
        if (!race.isEmpty()) {
            startNext();
        } else if (running.isEmpty() && asking == 0) {
            failures++;
            nextRace();
        }
    }
}
