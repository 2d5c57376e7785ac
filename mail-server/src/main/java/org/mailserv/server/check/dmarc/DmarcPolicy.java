package org.mailserv.server.check.dmarc;

import java.util.Locale;

/** The policies that a domain can publish for mail that fails. RFC 9989, 4.7. */
public enum DmarcPolicy {
    NONE,
    QUARANTINE,
    REJECT;

    /** Returns the keyword of the policy record. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the policy one step milder, for domains in test mode. RFC 9989, 4.7, "t". */
    DmarcPolicy milder() {
        return this == REJECT ? QUARANTINE : NONE;
    }
}
