package org.mailserv.server.spool;

/** The events of which a sender wants to be notified. An empty set means NEVER. RFC 3461, 4.1. */
public enum Notify {
    SUCCESS,
    FAILURE,
    DELAY
}
