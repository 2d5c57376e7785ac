package org.mailserv.pop3;

/**
 * What a session knows of its client.
 *
 * @param address for log lines and throttling, without the port
 * @param plaintextLogin whether it may log in with a password without TLS. RFC 8314, 3
 * @param passwordless whether accounts that are declared so may be opened without a password from there (M15)
 */
public record Pop3Peer(String address, boolean plaintextLogin, boolean passwordless) {}
