package org.mailserv.server.report;

/** Records observations for the daily reports. Any thread may call it, and it returns at once; observations that do not fit are dropped. */
public interface Observations {
    /** Records nothing. */
    Observations NONE = (kind, fields) -> {};

    /** Kinds of observations, with one file per kind and day. */
    enum Kind {
        /** A message, for the domain of its author. RFC 9990. */
        DMARC,
        /** A session to another server, for the domain of the recipients. RFC 8460. */
        TLS
    }

    /** Records a session to another server. */
    default void add(TlsObservation session) {
        add(Kind.TLS, session.row());
    }

    /** @param fields the fields in the order of the kind's report; none is null */
    void add(Kind kind, String... fields);
}
