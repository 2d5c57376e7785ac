package org.mailserv.server.check.dkim;

import java.util.Locale;
import org.mailserv.server.check.authres.ResultKeyword;

/** The validation status of an ARC chain. RFC 8617, 4.4. */
public enum ArcResult implements ResultKeyword {
    NONE,
    PASS,
    FAIL,
    TEMPERROR;

    @Override
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
