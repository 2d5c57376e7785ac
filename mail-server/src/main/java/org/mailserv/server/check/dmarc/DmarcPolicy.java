package org.mailserv.server.check.dmarc;

/** What a domain wants done with mail that fails. RFC 9989, 4.7. */
public enum DmarcPolicy {
    NONE,
    QUARANTINE,
    REJECT;

    /** One step milder, for domains that test. RFC 9989, 4.7, "t". */
    DmarcPolicy milder() {
        return this == REJECT ? QUARANTINE : NONE;
    }
}
