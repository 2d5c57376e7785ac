package org.mailserv.server.tls;

/** How a listener comes to TLS. */
public enum TlsMode {
    NONE,
    /** By a command. RFC 3207, RFC 2595. */
    STARTTLS,
    /** From the start. RFC 8314, 3. */
    IMPLICIT
}
