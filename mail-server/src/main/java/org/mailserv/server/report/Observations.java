package org.mailserv.server.report;

/** Takes down what daily reports are made of. Any thread; returns at once; what does not fit is dropped. */
public interface Observations {
    /** Takes nothing down. */
    Observations NONE = (kind, fields) -> {};

    /** Kinds of observations: one file a kind and day. */
    enum Kind {
        /** A message, for the domain of its author. RFC 9990 */
        DMARC,
        /** A session to another server, for the domain of the recipients. RFC 8460 */
        TLS
    }

    /** Notes a session to another server. */
    default void add(TlsObservation session) {
        add(Kind.TLS, session.row());
    }

    /** @param fields in the order that the kind's report reads them; none is null */
    void add(Kind kind, String... fields);
}
