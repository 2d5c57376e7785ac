package org.mailserv.pop3;

import java.time.Duration;

/**
 * POP3 settings.
 *
 * @param idleTimeout autologout timer; RFC 1939, 3 requires at least ten minutes
 * @param writeTimeout maximum time without progress while sending to the client
 * @param maxErrors number of rejected commands after which the session is closed
 * @param maxFailedLogins number of failed logins after which the session is closed
 * @param loginDelay minimum time between two logins to one maildrop, zero for none; RFC 2449, 6.5
 * @param implementation implementation name announced by CAPA, empty for none; RFC 2449, 6.9
 */
public record Pop3Config(
        Duration idleTimeout,
        Duration writeTimeout,
        int maxErrors,
        int maxFailedLogins,
        Duration loginDelay,
        String implementation) {

    /** Returns the settings that apply without configuration. */
    public static Pop3Config defaults() {
        return new Pop3Config(Duration.ofMinutes(10), Duration.ofMinutes(2), 20, 3, Duration.ZERO, "");
    }
}
