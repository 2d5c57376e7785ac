package org.mailserv.server.store;

import java.time.Duration;

/**
 * Counts behind rate limits, added over all nodes. Each node counts in its own memory and learns the counts of the others every few
 * seconds; a limit may be exceeded by what happens in that time. Thread-safe; no method blocks.
 */
@FunctionalInterface
public interface SharedCounts {
    /** For a node that counts alone. */
    SharedCounts NONE = (kind, key, period, own) -> 0;

    /** Things that are counted, each in periods of a fixed length. */
    enum Kind {
        /** Recipients of an account in an hour. */
        ACCOUNT_HOUR(Duration.ofHours(1)),
        /** Recipients of an account in a day. */
        ACCOUNT_DAY(Duration.ofDays(1)),
        /** Messages of a client in a minute. */
        CLIENT_MINUTE(Duration.ofMinutes(1)),
        /** Messages of a sender in a minute. */
        SENDER_MINUTE(Duration.ofMinutes(1)),
        /** Failed logins from an address, in a period of the caller's choice, for at most a day. */
        LOGIN_FAILURES(Duration.ofDays(1));

        private final Duration length;

        Kind(Duration length) {
            this.length = length;
        }

        /** Returns the length of a period, after which its counts may be forgotten. */
        public Duration length() {
            return length;
        }

        /** Returns the period of a time, in seconds since 1970. */
        public long periodOf(long seconds) {
            return seconds / length.toSeconds();
        }
    }

    /**
     * Reports this node's count, and returns what the other nodes have counted in the same period, as far as is known.
     *
     * @param key the account, client or sender
     * @param period from {@link Kind#periodOf}
     * @param own this node's count so far; it replaces an earlier one
     */
    long others(Kind kind, String key, long period, long own);
}
