package org.mailserv.server.check;

/** The action for clients whose address has no forward-confirmed reverse DNS (PTR) record. */
public enum PtrPolicy {
    /** No client is looked up. */
    OFF,
    /** The name, or "unknown", is in Received and in the log. */
    MARK,
    /** A client without a name gets 450 4.7.25. */
    DEFER,
    /** A client without a name gets 550 5.7.25, or 450 when the DNS does not answer. RFC 7372, 3.3. */
    REJECT
}
