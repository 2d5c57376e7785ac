package org.mailserv.server.check.dkim;

import java.util.Locale;

/** The validation status of an ARC chain. RFC 8617, 4.4. */
public enum ArcResult {
    NONE,
    PASS,
    FAIL,
    TEMPERROR;

    /** Returns the keyword for Authentication-Results. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
