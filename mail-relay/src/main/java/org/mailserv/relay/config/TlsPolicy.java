package org.mailserv.relay.config;

/** What a destination wants of STARTTLS. RFC 3207; RFC 7435. */
public enum TlsPolicy {
    /** Plain text. */
    OFF,
    /** TLS where the server offers it and it works; the certificate is not looked at. */
    MAY,
    /** TLS or no delivery; the certificate is not looked at. */
    MUST,
    /** TLS with a certificate that is valid for the host's name, or no delivery. */
    VERIFY;

    /** Whether mail may go in plain text when TLS cannot be had. */
    public boolean allowsPlain() {
        return this == OFF || this == MAY;
    }
}
