package org.mailserv.server.tls;

/** The way in which a listener starts TLS. */
public enum TlsMode {
    NONE,
    /** After a command. RFC 3207, RFC 2595. */
    STARTTLS,
    /** From the start of the connection. RFC 8314, 3. */
    IMPLICIT
}
