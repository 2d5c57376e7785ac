package org.mailserv.pop3;

/**
 * The client's address and the privileges derived from it.
 *
 * @param address for log lines and throttling, without the port
 * @param plaintextLogin whether the client may log in with a password without TLS. RFC 8314, 3
 * @param passwordless whether the client may open accounts declared as passwordless
 */
public record Pop3Peer(String address, boolean plaintextLogin, boolean passwordless) {}
