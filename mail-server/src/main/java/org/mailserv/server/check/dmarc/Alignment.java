package org.mailserv.server.check.dmarc;

/** The relation of an authenticated domain to the author's. RFC 9989, 4.4. */
enum Alignment {
    NO,
    /** The DNS does not answer for now. */
    UNKNOWN,
    YES;

    /** Returns the better of the two: one aligned domain is enough. */
    Alignment or(Alignment other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
