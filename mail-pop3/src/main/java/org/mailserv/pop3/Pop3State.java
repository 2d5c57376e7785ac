package org.mailserv.pop3;

/** The states of a session. RFC 1939, 3. */
public enum Pop3State {
    /** Nobody has logged in yet. RFC 1939, 4. */
    AUTHORIZATION,
    /** A maildrop is open and locked. RFC 1939, 5. */
    TRANSACTION,
    /** QUIT came: what is marked is being deleted. RFC 1939, 6. */
    UPDATE
}
