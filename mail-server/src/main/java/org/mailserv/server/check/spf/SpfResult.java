package org.mailserv.server.check.spf;

import java.util.Locale;

/** The result of checking a client against a domain's policy. RFC 7208, 2.6. */
public enum SpfResult {
    NONE,
    NEUTRAL,
    PASS,
    FAIL,
    SOFTFAIL,
    TEMPERROR,
    PERMERROR;

    /** Returns the keyword for header fields. RFC 7208, 9.1. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
