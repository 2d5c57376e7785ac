package org.mailserv.server.smtp;

import org.jspecify.annotations.Nullable;

/** The mail transaction of a session, if one is open. Confined to the session's thread. */
final class CurrentTransaction {
    private @Nullable SmtpTransaction open;
    private boolean closed;
    private boolean progressed;

    /** Returns the open transaction, or null. */
    @Nullable
    SmtpTransaction get() {
        return open;
    }

    boolean isOpen() {
        return open != null;
    }

    /** Returns whether {@code transaction} is still the open one; a lost connection or RSET ends it at any time. */
    boolean is(SmtpTransaction transaction) {
        return open == transaction;
    }

    /** Returns whether a recipient of the open transaction was refused. */
    boolean hasRefusedRecipient() {
        return open != null && open.hasRefused();
    }

    void begin(SmtpTransaction transaction) {
        open = transaction;
    }

    /** Ends the transaction without discarding its content, which the spool owns from now on. */
    void handOver() {
        open = null;
        progressed = true;
    }

    /** Discards the open transaction and its content, if there is one. */
    void abort() {
        if (open != null) {
            open.abort();
            open = null;
        }
    }

    /** Discards the open transaction and every later one: the connection is closed. Idempotent. */
    void close() {
        closed = true;
        abort();
    }

    boolean isClosed() {
        return closed;
    }

    /** Records that the client has brought a message forward, by a recipient or by its content. */
    void noteProgress() {
        progressed = true;
    }

    /** Returns whether a message was brought forward since the last call. */
    boolean takeProgress() {
        boolean was = progressed;
        progressed = false;
        return was;
    }
}
