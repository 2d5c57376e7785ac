package org.mailserv.relay.smtp;

/**
 * What a message's octets ask of a server.
 *
 * @param eightBit whether an octet over 127 is in it
 * @param nul whether a NUL is in it
 * @param bareLineEnd whether a CR or LF stands alone
 * @param leadingDot whether a line begins with a dot
 * @param longestLine most octets of a line, without its CRLF
 * @param endsInCrlf whether its last line is ended; an empty message counts as ended
 */
public record ContentFacts(
        boolean eightBit, boolean nul, boolean bareLineEnd, boolean leadingDot, long longestLine, boolean endsInCrlf) {
    /** Most octets of a line on the wire, without its CRLF. RFC 5321, 4.5.3.1.6 (M13). */
    public static final int MAX_LINE = 998;

    public boolean hasLongLine() {
        return longestLine > MAX_LINE;
    }

    /** Whether DATA changes no octet of it: no dot to be doubled, no line end to be made whole. RFC 5321, 4.5.2. */
    public boolean passesData() {
        return !leadingDot && !bareLineEnd && endsInCrlf;
    }
}
