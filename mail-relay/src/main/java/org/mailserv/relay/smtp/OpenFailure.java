package org.mailserv.relay.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * Why a session did not come to the point where mail can be sent.
 *
 * @param kind what kind of failure
 * @param outcome what it means for the mail that waits, when no other host is left
 */
public record OpenFailure(Kind kind, Outcome outcome) {
    /** Kinds of failure, as the next step differs. */
    public enum Kind {
        /** No connection, silence, garbage, or a connection that was lost. */
        CONNECTION,
        /** The server said 4xx: it has too much to do. */
        BUSY,
        /** The server said 5xx. */
        REFUSED,
        /** TLS was tried and did not work: plain text may. */
        HANDSHAKE,
        /** TLS or the login is not as the route wants it. */
        POLICY
    }

    static OpenFailure connection(String text) {
        return new OpenFailure(Kind.CONNECTION, Outcome.deferred(4, 2, text));
    }

    static OpenFailure noConnection(String text) {
        return new OpenFailure(Kind.CONNECTION, Outcome.deferred(4, 1, text));
    }

    static OpenFailure reply(SmtpReply reply) {
        Kind kind = reply.isPermanent() ? Kind.REFUSED : Kind.BUSY;
        if (reply.isPositive()) {
            return new OpenFailure(Kind.CONNECTION, Outcome.deferred(5, 0, "unexpected reply: " + reply));
        }
        return new OpenFailure(kind, Outcome.refused(reply));
    }

    /** What went wrong, in one line. */
    public String text() {
        @Nullable String text = null;
        if (outcome instanceof Outcome.Deferred deferred) {
            text = deferred.reply();
        } else if (outcome instanceof Outcome.Failed failed) {
            text = failed.reply();
        }
        return text == null ? kind.name() : text;
    }
}
