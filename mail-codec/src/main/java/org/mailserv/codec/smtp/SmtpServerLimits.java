package org.mailserv.codec.smtp;

/**
 * Limits and options of the server's framing.
 *
 * @param commandLine maximum octets of a command line including CRLF; RFC 5321, 4.5.3.1.4 sets 512, and extensions
 *     add to it: MAIL and RCPT with all offered extensions need some 1,500
 * @param authLine maximum octets of a line in an AUTH exchange; RFC 4954, 4 sets 12,288
 * @param textLine maximum octets of a body line including CRLF; RFC 5321, 4.5.3.1.6 sets 1,000
 * @param refuseLongLines whether a longer line makes the result {@link ContentResult#LINE_TOO_LONG}; otherwise it
 *     passes unchanged
 * @param message maximum octets of a message; the excess is discarded and the result is {@link ContentResult#TOO_BIG}
 * @param refuseBareLineEnds whether a bare CR or LF in a body sent by DATA makes the result {@link
 *     ContentResult#BARE_CR_OR_LF}; otherwise a bare LF becomes CRLF and a bare CR passes unchanged
 */
public record SmtpServerLimits(
        int commandLine,
        int authLine,
        int textLine,
        boolean refuseLongLines,
        long message,
        boolean refuseBareLineEnds) {

    /** Returns the limits of the RFCs, with room for all extensions, and 50 MiB per message. */
    public static SmtpServerLimits defaults() {
        return new SmtpServerLimits(2048, 12288, 1000, false, 50L * 1024 * 1024, false);
    }
}
