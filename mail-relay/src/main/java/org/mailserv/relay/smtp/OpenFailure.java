package org.mailserv.relay.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.report.TlsResult;
import org.mailserv.server.text.CertificateFault;

/**
 * A failure to open a session.
 *
 * @param kind the kind of failure
 * @param outcome the outcome for waiting messages if no other host is left
 * @param tls the result for reports about TLS (RFC 8460, 4.3), or null if TLS is not what failed
 */
public record OpenFailure(
        Kind kind, Outcome outcome, @Nullable TlsResult tls) {
    /** Creates a failure that TLS did not cause. */
    OpenFailure(Kind kind, Outcome outcome) {
        this(kind, outcome, null);
    }

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

    /** Creates the failure of a handshake. */
    static OpenFailure handshake(Kind kind, String reason, @Nullable Throwable cause) {
        CertificateFault fault = cause == null ? null : CertificateFault.of(cause);
        TlsResult result = fault == null
                ? TlsResult.VALIDATION_FAILURE
                : switch (fault) {
                    case EXPIRED -> TlsResult.CERTIFICATE_EXPIRED;
                    case OTHER_NAME -> TlsResult.CERTIFICATE_HOST_MISMATCH;
                    case UNTRUSTED -> TlsResult.CERTIFICATE_NOT_TRUSTED;
                    case NOT_YET_VALID -> TlsResult.VALIDATION_FAILURE;
                };
        return new OpenFailure(kind, Outcome.deferred(7, 5, "the TLS handshake failed: " + reason), result);
    }

    /** Creates the failure of a session that must use TLS with a server that does not support it now. */
    static OpenFailure withoutTls(String text) {
        return new OpenFailure(Kind.POLICY, Outcome.deferred(7, 4, text), TlsResult.STARTTLS_NOT_SUPPORTED);
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
