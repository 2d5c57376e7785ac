package org.mailserv.server.check.dkim;

import java.util.Locale;

/** The results of verifying one DKIM signature. RFC 8601, 2.7.1. */
public enum DkimResult {
    NONE,
    PASS,
    FAIL,
    /** The signature verifies, but local policy does not accept it. */
    POLICY,
    TEMPERROR,
    PERMERROR;

    /** Returns the keyword for Authentication-Results. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
