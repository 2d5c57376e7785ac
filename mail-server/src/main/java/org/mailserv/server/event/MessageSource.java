package org.mailserv.server.event;

/** The way by which a message came. */
public enum MessageSource {
    SMTP,
    SUBMISSION,
    LMTP,
    PICKUP
}
