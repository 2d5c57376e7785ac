package org.mailserv.server.check.dmarc;

import java.util.Locale;

/** The results of a DMARC check, from the mildest to the strictest. RFC 9989; RFC 8601, 2.7. */
public enum DmarcResult {
    PASS,
    NONE,
    PERMERROR,
    TEMPERROR,
    FAIL;

    /** Returns the keyword for Authentication-Results. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
