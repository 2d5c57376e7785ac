package org.mailserv.server.net;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The sessions that are open now, for people to look at. Any thread. */
public final class SessionRegistry {
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    // Ids are in logs that outlive the process: they go on after those of the one before. Room for a thousand a
    // millisecond.
    private final AtomicLong next = new AtomicLong(System.currentTimeMillis() * 1000);

    /** One open session; its own thread writes, others read. */
    public final class Session implements AutoCloseable {
        private final long number = next.incrementAndGet();
        private final String kind;
        private final String peer;
        private final Instant since = Instant.now();
        private volatile String state = "connected";
        private volatile String command = "";
        private volatile long octetsIn;
        private volatile long octetsOut;

        private Session(String kind, String peer) {
            this.kind = kind;
            this.peer = peer;
        }

        /** The session's id, the same in log lines. */
        public String id() {
            return Long.toString(number, 36);
        }

        public void state(String now) {
            state = now;
        }

        public void command(String verb) {
            command = verb;
        }

        /** Counts octets from the peer; one thread only. */
        void addIn(long more) {
            // Not atomic, and need not be: only the session writes.
            long now = octetsIn;
            octetsIn = now + more;
        }

        /** Counts octets to the peer; one thread only. */
        void addOut(long more) {
            long now = octetsOut;
            octetsOut = now + more;
        }

        @Override
        public void close() {
            sessions.remove(this);
        }
    }

    /** What can be seen of a session. */
    public record View(
            String id,
            String kind,
            String peer,
            Instant since,
            String state,
            String command,
            long octetsIn,
            long octetsOut) {}

    /** @param kind smtp, submission, lmtp, pop3 or relay */
    public Session open(String kind, String peer) {
        Session session = new Session(kind, peer);
        sessions.add(session);
        return session;
    }

    /** The open sessions, oldest first. */
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
