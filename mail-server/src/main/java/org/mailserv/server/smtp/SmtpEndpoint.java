package org.mailserv.server.smtp;

import org.mailserv.server.tls.TlsMode;

/**
 * What a listener is for.
 *
 * @param kind who its clients are
 * @param tls how they come to TLS
 * @param auth whether they may log in
 */
public record SmtpEndpoint(Kind kind, TlsMode tls, boolean auth) {
    /** Who the clients are. */
    public enum Kind {
        /** Other servers. RFC 5321. */
        SMTP,
        /** Our own users, who have to log in. RFC 6409. */
        SUBMISSION,
        /** A server that hands mail over for the mailboxes here. RFC 2033. */
        LMTP
    }

    /** Port 25 as it is without TLS. */
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
