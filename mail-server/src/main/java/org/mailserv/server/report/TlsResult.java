package org.mailserv.server.report;

import java.util.Locale;

/** The result types of a TLS session to another server. RFC 8460, 4.3. */
public enum TlsResult {
    STARTTLS_NOT_SUPPORTED,
    CERTIFICATE_HOST_MISMATCH,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_NOT_TRUSTED,
    /** Any other failure. */
    VALIDATION_FAILURE;

    /**
     * Returns the result with a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static TlsResult of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** Returns the name in reports. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
