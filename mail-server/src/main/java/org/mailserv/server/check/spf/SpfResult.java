package org.mailserv.server.check.spf;

import java.util.Locale;

/** What a domain's policy says of a client. RFC 7208, 2.6. */
public enum SpfResult {
    NONE,
    NEUTRAL,
    PASS,
    FAIL,
    SOFTFAIL,
    TEMPERROR,
    PERMERROR;

    /** The word in header fields. RFC 7208, 9.1. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
