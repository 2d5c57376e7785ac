package org.mailserv.server.net;

import java.util.Locale;

/** The kinds of sessions. */
public enum SessionKind {
    /** A server that sends mail here. */
    SMTP,
    /** A user's mail program that sends mail. */
    SUBMISSION,
    /** A server that delivers into local mailboxes. */
    LMTP,
    /** A user's mail program that fetches mail. */
    POP3,
    /** A connection of this server to another one. */
    RELAY;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Returns the name for metrics, the list of sessions and the API. */
    public String label() {
        return label;
    }
}
