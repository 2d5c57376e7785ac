package org.mailserv.server.spool;

/** When the sender of a message wants to hear of a recipient. An empty set stands for NEVER. RFC 3461, 4.1. */
public enum Notify {
    SUCCESS,
    FAILURE,
    DELAY
}
