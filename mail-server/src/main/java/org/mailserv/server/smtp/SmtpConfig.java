package org.mailserv.server.smtp;

import java.time.Duration;
import org.mailserv.server.config.Octets;

/**
 * Settings of receiving.
 *
 * @param maxMessageSize most octets of a message; what SIZE announces
 * @param maxRecipients most recipients of a message; RFC 5321, 4.5.3.1.8 wants 100 at least
 * @param hopLimit most Received fields; more is a loop
 * @param ownHopLimit most Received fields of ours; more is a loop of forwards
 * @param maxErrors bad commands after which a session ends
 * @param maxCommands commands without a message after which a session ends
 * @param commandTimeout wait for a command; RFC 5321, 4.5.3.2.7 wants five minutes
 * @param dataTimeout wait for the next piece of a body; RFC 5321, 4.5.3.2.5 has three minutes
 * @param sessionTimeout after which a session ends whatever it does, so that a trickle of octets holds no connection for ever
 * @param refuseBareLineEnds whether a bare CR or LF in a body refuses the message; else a bare LF becomes CRLF
 * @param refuseLongLines whether a text line over 1000 octets refuses the message
 * @param vrfy whether VRFY is answered with 252 and not 502
 * @param vrfyAuthenticated the same for who has logged in
 * @param etrn whether ETRN is served. RFC 1985
 * @param checkSender whether who has logged in may only send from addresses of the account
 * @param maxFailedLogins failed logins after which a session ends
 * @param greetPause wait before the greeting, in which a client that talks shows that it is none
 * @param minBodyRate least octets a second of a body, taken over {@code dataTimeout} at least; 0 for no bound
 * @param ptr what is done about clients without a name
 * @param checkHelo whether a HELO name has to be one that a server can have
 * @param strictAddresses whether local parts have to keep to the grammar and the length of RFC 5321
 */
public record SmtpConfig(
        @Octets long maxMessageSize,
        int maxRecipients,
        int hopLimit,
        int ownHopLimit,
        int maxErrors,
        int maxCommands,
        Duration commandTimeout,
        Duration dataTimeout,
        Duration sessionTimeout,
        boolean refuseBareLineEnds,
        boolean refuseLongLines,
        boolean vrfy,
        boolean vrfyAuthenticated,
        boolean etrn,
        boolean checkSender,
        int maxFailedLogins,
        Duration greetPause,
        @Octets long minBodyRate,
        PtrPolicy ptr,
        boolean checkHelo,
        boolean strictAddresses) {

    /** What is done about clients whose address has no confirmed name. */
    public enum PtrPolicy {
        /** Nobody is looked up. */
        OFF,
        /** The name goes into Received and the log, or "unknown". */
        MARK,
        /** No name, no mail for now: 450 4.7.25. */
        DEFER,
        /** No name, no mail: 550 5.7.25; where it cannot be told, 450. RFC 7372, 3.3 */
        REJECT
    }

    /** What holds without configuration. */
    public static SmtpConfig defaults() {
        return new SmtpConfig(
                50L << 20,
                1000,
                100,
                4,
                20,
                1000,
                Duration.ofMinutes(5),
                Duration.ofMinutes(3),
                Duration.ofHours(2),
                false,
                false,
                false,
                false,
                false,
                true,
                3,
                Duration.ZERO,
                100,
                PtrPolicy.OFF,
                false,
                false);
    }
}
