package org.mailserv.pop3;

import org.mailserv.server.net.SessionPhase;

/** The states of a POP3 session. RFC 1939, 3. */
public enum Pop3State implements SessionPhase {
    /** The client has not logged in. RFC 1939, 4. */
    AUTHORIZATION,
    /** A maildrop is open and locked. RFC 1939, 5. */
    TRANSACTION,
    /** The client has sent QUIT, and marked messages are being deleted. RFC 1939, 6. */
    UPDATE
}
