package org.mailserv.server.report;

import java.util.List;

/** A fact for a daily report to another domain. */
public sealed interface Observation permits DmarcObservation, TlsObservation {
    /** Kinds of observations, with one file per kind and day. */
    enum Kind {
        /** A message, for the domain of its author. RFC 9990. */
        DMARC,
        /** A session to another server, for the domain of the recipients. RFC 8460. */
        TLS
    }

    Kind kind();

    /** Returns the domain that the report goes to. */
    String domain();

    /** Returns the columns of the line in the file of observations. */
    List<String> columns();
}
