package org.mailserv.server.smtp;

import org.mailserv.server.event.MessageSource;
import org.mailserv.server.net.SessionKind;
import org.mailserv.server.tls.TlsMode;

/**
 * The purpose of a listener.
 *
 * @param kind the kind of its clients
 * @param tls the way in which TLS starts
 * @param auth true if clients may authenticate
 */
public record SmtpEndpoint(Kind kind, TlsMode tls, boolean auth) {
    /** The kind of a listener's clients. */
    public enum Kind {
        /** Other servers. RFC 5321. */
        SMTP(SessionKind.SMTP, MessageSource.SMTP),
        /** Users of this server, who have to authenticate. RFC 6409. */
        SUBMISSION(SessionKind.SUBMISSION, MessageSource.SUBMISSION),
        /** A server that delivers mail for local mailboxes. RFC 2033. */
        LMTP(SessionKind.LMTP, MessageSource.LMTP);

        private final SessionKind session;
        private final MessageSource source;

        Kind(SessionKind session, MessageSource source) {
            this.session = session;
            this.source = source;
        }

        SessionKind session() {
            return session;
        }

        MessageSource source() {
            return source;
        }
    }

    /** Returns a listener for other servers, without TLS and authentication. */
    public static SmtpEndpoint plain() {
        return new SmtpEndpoint(Kind.SMTP, TlsMode.NONE, false);
    }

    boolean isSubmission() {
        return kind == Kind.SUBMISSION;
    }

    boolean isLmtp() {
        return kind == Kind.LMTP;
    }
}
