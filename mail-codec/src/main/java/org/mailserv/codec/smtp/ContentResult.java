package org.mailserv.codec.smtp;

/** What the decoder found about a body when its true end had been read. */
public enum ContentResult {
    OK,
    /** A bare CR or LF, where the limits refuse it. */
    BARE_CR_OR_LF,
    /** More octets than the limit; what was over it has been dropped. */
    TOO_BIG,
    /** A line over the text line limit, where the limits refuse it. RFC 5321, 4.5.3.1.6. */
    LINE_TOO_LONG,
    /** The connection ended before the body did. */
    ABORTED
}
