package org.mailserv.app.config;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.tls.TlsMode;

/**
 * An IMAP server for the same mailboxes, such as Dovecot. It is only announced to mail programs.
 *
 * @param host the name that mail programs connect to; null if there is none
 * @param port null for the standard port of {@code tls}
 * @param tls the way in which TLS starts
 */
public record ImapSettings(@Nullable String host, @Nullable Integer port, TlsMode tls) {
    private static final int IMAP = 143;
    private static final int IMAPS = 993;

    public ImapSettings {
        if (host != null) {
            String ascii = DomainNames.toAscii(host);
            if (ascii == null) {
                throw new IllegalArgumentException("host: " + host + " is no domain name (expected: imap.example.org)");
            }
            host = ascii;
        }
        if (port != null && (port < 1 || port > 65535)) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
    }

    /** Returns the configured port, or the standard one. */
    public int effectivePort() {
        return port != null ? port : tls == TlsMode.IMPLICIT ? IMAPS : IMAP;
    }
}
