package org.mailserv.codec.line;

/**
 * A user event fired once by a {@link LineFrameDecoder} after the client has shut down its output. By then all
 * commands have been answered, and any remaining octets do not form a complete frame.
 */
public enum EndOfInput {
    /** The only instance. */
    INSTANCE
}
