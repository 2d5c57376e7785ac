package org.mailserv.server.check.dmarc;

import java.util.Locale;
import org.mailserv.server.check.authres.ResultKeyword;

/** The results of a DMARC check, from the mildest to the strictest. RFC 9989; RFC 8601, 2.7. */
public enum DmarcResult implements ResultKeyword {
    PASS,
    NONE,
    PERMERROR,
    TEMPERROR,
    FAIL;

    @Override
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
