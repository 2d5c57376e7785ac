package org.mailserv.server.check.dkim;

import java.util.Locale;
import org.mailserv.server.check.authres.ResultKeyword;

/** The results of verifying one DKIM signature. RFC 8601, 2.7.1. */
public enum DkimResult implements ResultKeyword {
    NONE,
    PASS,
    FAIL,
    /** The signature verifies, but local policy does not accept it. */
    POLICY,
    TEMPERROR,
    PERMERROR;

    @Override
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
