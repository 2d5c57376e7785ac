package org.mailserv.relay.smtp;

/**
 * The properties of a message's octets that determine what a server must support.
 *
 * @param eightBit whether it contains an octet above 127
 * @param nul whether it contains a NUL
 * @param bareLineEnd whether it contains a bare CR or LF
 * @param leadingDot whether a line starts with a dot
 * @param longestLine length of the longest line in octets, without its CRLF
 * @param endsInCrlf whether it ends with CRLF or is empty
 */
public record ContentFacts(
        boolean eightBit, boolean nul, boolean bareLineEnd, boolean leadingDot, long longestLine, boolean endsInCrlf) {
    /** The maximum length of a line in octets, without its CRLF. RFC 5321, 4.5.3.1.6. */
    public static final int MAX_LINE = 998;

    public boolean hasLongLine() {
        return longestLine > MAX_LINE;
    }

    /** Returns whether DATA can carry the octets unchanged, without dot-stuffing or line end repair. RFC 5321, 4.5.2. */
    public boolean passesData() {
        return !leadingDot && !bareLineEnd && endsInCrlf;
    }
}
