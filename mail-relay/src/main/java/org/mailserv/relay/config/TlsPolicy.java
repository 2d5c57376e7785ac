package org.mailserv.relay.config;

/** The TLS policy for a destination. RFC 3207; RFC 7435. */
public enum TlsPolicy {
    /** No TLS. */
    OFF,
    /** Opportunistic TLS; the certificate is not verified. */
    MAY,
    /** Mandatory TLS; the certificate is not verified. */
    MUST,
    /** Mandatory TLS with a certificate that is valid for the host name. */
    VERIFY;

    /** Returns whether mail may be sent in plain text if TLS is not available. */
    public boolean allowsPlain() {
        return this == OFF || this == MAY;
    }
}
