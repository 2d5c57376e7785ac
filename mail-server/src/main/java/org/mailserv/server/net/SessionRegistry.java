package org.mailserv.server.net;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The currently open sessions, for status displays. Thread-safe. */
public final class SessionRegistry {
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    // Ids appear in logs that outlive the process, so they continue after those of the previous one. This leaves room
    // for a thousand sessions per millisecond.
    private final AtomicLong next = new AtomicLong(System.currentTimeMillis() * 1000);

    /** An open session. Only its own thread writes; any thread may read. */
    public final class Session implements AutoCloseable {
        private final long number = next.incrementAndGet();
        private final SessionKind kind;
        private final String peer;
        private final Instant since = Instant.now();
        private volatile SessionPhase state = SessionPhase.Common.CONNECTED;
        private volatile String command = "";
        private volatile long octetsIn;
        private volatile long octetsOut;

        private Session(SessionKind kind, String peer) {
            this.kind = kind;
            this.peer = peer;
        }

        /** Returns the session's id, which also appears in log lines. */
        public String id() {
            return Long.toString(number, 36);
        }

        /** Sets the progress of the session. */
        public void state(SessionPhase now) {
            state = now;
        }

        public void command(String verb) {
            command = verb;
        }

        /** Adds octets received from the peer. Called by the session's thread only. */
        void addIn(long more) {
            // Need not be atomic, because only the session's thread writes.
            long now = octetsIn;
            octetsIn = now + more;
        }

        /** Adds octets sent to the peer. Called by the session's thread only. */
        void addOut(long more) {
            long now = octetsOut;
            octetsOut = now + more;
        }

        @Override
        public void close() {
            sessions.remove(this);
        }
    }

    /** A snapshot of a session. */
    public record View(
            String id,
            SessionKind kind,
            String peer,
            Instant since,
            SessionPhase state,
            String command,
            long octetsIn,
            long octetsOut) {}

    /** Registers a session. */
    public Session open(SessionKind kind, String peer) {
        Session session = new Session(kind, peer);
        sessions.add(session);
        return session;
    }

    /** Returns the open sessions, oldest first. */
    public List<View> views() {
        return sessions.stream()
                .sorted(Comparator.comparingLong(session -> session.number))
                .map(s -> new View(s.id(), s.kind, s.peer, s.since, s.state, s.command, s.octetsIn, s.octetsOut))
                .toList();
    }

    public int size() {
        return sessions.size();
    }
}
