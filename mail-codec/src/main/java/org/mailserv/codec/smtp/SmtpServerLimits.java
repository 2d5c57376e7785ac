package org.mailserv.codec.smtp;

/**
 * Bounds and choices of the server's framing.
 *
 * @param commandLine most octets of a command line with its CRLF; RFC 5321, 4.5.3.1.4 has 512, and extensions add to it: MAIL and
 *     RCPT with all that is offered need some 1,500
 * @param authLine most octets of a line of an AUTH exchange; RFC 4954, 4 has 12,288
 * @param textLine most octets of a line of the body with its CRLF; RFC 5321, 4.5.3.1.6 has 1,000
 * @param refuseLongLines whether a longer line makes the body {@link ContentResult#LINE_TOO_LONG}; else it passes as it is
 * @param message most octets of a message; what is over it is dropped and the body becomes {@link ContentResult#TOO_BIG}
 * @param refuseBareLineEnds whether a bare CR or LF in a body sent by DATA makes it {@link ContentResult#BARE_CR_OR_LF}; else a
 *     bare LF becomes CRLF and a bare CR stays as it is
 */
public record SmtpServerLimits(
        int commandLine,
        int authLine,
        int textLine,
        boolean refuseLongLines,
        long message,
        boolean refuseBareLineEnds) {

    /** The RFCs' values, with room for all extensions, and 50 MiB. */
    public static SmtpServerLimits defaults() {
        return new SmtpServerLimits(2048, 12288, 1000, false, 50L * 1024 * 1024, false);
    }
}
