package org.mailserv.server.smtp;

import java.time.Duration;
import org.mailserv.server.check.PtrPolicy;
import org.mailserv.server.config.Octets;

/**
 * The settings of receiving.
 *
 * @param maxMessageSize maximum size of a message in octets, announced by SIZE
 * @param maxRecipients maximum number of recipients of a message; RFC 5321, 4.5.3.1.8 requires at least 100
 * @param hopLimit maximum number of Received fields; a message with more is in a loop
 * @param ownHopLimit maximum number of Received fields added by this server; a message with more is in a forwarding loop
 * @param maxErrors number of bad commands after which the session is closed
 * @param maxCommands number of commands without a message after which the session is closed
 * @param commandTimeout time to wait for a command; RFC 5321, 4.5.3.2.7 requires five minutes
 * @param dataTimeout time to wait for the next piece of a body; RFC 5321, 4.5.3.2.5 requires three minutes
 * @param sessionTimeout maximum duration of a session, so that a trickle of octets cannot hold a connection forever
 * @param refuseBareLineEnds true to refuse a message with a bare CR or LF; false to convert a bare LF to CRLF
 * @param refuseLongLines true to refuse a message with a line above 1000 octets
 * @param vrfy true to reply to VRFY with 252 and not with 502
 * @param vrfyAuthenticated the same for authenticated clients
 * @param etrn true to offer ETRN (RFC 1985)
 * @param checkSender true to let an authenticated client send only from addresses of its account
 * @param maxFailedLogins number of failed logins after which the session is closed
 * @param greetPause delay of the greeting; a client that sends something during it is refused
 * @param minBodyRate minimum rate of a body in octets per second, measured over at least {@code dataTimeout}; 0 for no limit
 * @param ptr policy for clients without a confirmed name
 * @param checkHelo true to refuse a HELO name that no other mail server can have
 * @param strictAddresses true to refuse local parts that break the grammar or the length limit of RFC 5321
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

    /** Returns the settings that apply without configuration. */
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
