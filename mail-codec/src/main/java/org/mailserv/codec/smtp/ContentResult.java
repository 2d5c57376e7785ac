package org.mailserv.codec.smtp;

/** The decoder's verdict on a message body whose end has been read. */
public enum ContentResult {
    OK,
    /** The body contained a bare CR or LF, and the limits reject those. */
    BARE_CR_OR_LF,
    /** The body exceeded the size limit. Octets beyond it were discarded. */
    TOO_BIG,
    /** A line exceeded the text line limit, and the limits reject such lines. RFC 5321, 4.5.3.1.6. */
    LINE_TOO_LONG,
    /** The connection ended before the body did. */
    ABORTED
}
