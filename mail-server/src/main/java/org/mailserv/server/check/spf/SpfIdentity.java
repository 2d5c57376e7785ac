package org.mailserv.server.check.spf;

import java.util.Locale;

/** The identities that SPF checks. RFC 7208, 2.3 and 2.4. */
public enum SpfIdentity {
    /** The domain of the reverse-path. */
    MAILFROM,
    /** The HELO name. */
    HELO;

    /** Returns the keyword for Authentication-Results. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
