package org.mailserv.relay.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * A failure to open a session.
 *
 * @param kind the kind of failure
 * @param outcome the outcome for waiting messages if no other host is left
 */
public record OpenFailure(Kind kind, Outcome outcome) {
    /** The kinds of failure, which lead to different next steps. */
    public enum Kind {
        /** No connection, a timeout, invalid input, or a lost connection. */
        CONNECTION,
        /** The server replied 4xx and is overloaded. */
        BUSY,
        /** The server replied 5xx. */
        REFUSED,
        /** Opportunistic TLS failed; plain text may be tried. */
        HANDSHAKE,
        /** TLS or authentication does not meet the route's requirements. */
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

    /** Returns the reason in one line. */
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
