package org.mailserv.server.check.spf;

import java.util.Locale;
import org.mailserv.server.check.authres.ResultKeyword;

/** The result of checking a client against a domain's policy. RFC 7208, 2.6. */
public enum SpfResult implements ResultKeyword {
    NONE,
    NEUTRAL,
    PASS,
    FAIL,
    SOFTFAIL,
    TEMPERROR,
    PERMERROR;

    @Override
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
