package org.mailserv.pop3;

import java.time.Duration;

/**
 * Settings of POP3.
 *
 * @param idleTimeout the autologout timer; RFC 1939, 3 wants ten minutes at least
 * @param writeTimeout how long a client may take none of what is written to it
 * @param maxErrors bad commands after which the session ends
 * @param maxFailedLogins failed logins after which the session ends
 * @param loginDelay least time between two logins to one maildrop, zero for none; RFC 2449, 6.5
 * @param implementation what CAPA tells of the server's name, empty for nothing; RFC 2449, 6.9
 */
public record Pop3Config(
        Duration idleTimeout,
        Duration writeTimeout,
        int maxErrors,
        int maxFailedLogins,
        Duration loginDelay,
        String implementation) {

    /** What holds without configuration. */
    public static Pop3Config defaults() {
        return new Pop3Config(Duration.ofMinutes(10), Duration.ofMinutes(2), 20, 3, Duration.ZERO, "");
    }
}
