package org.mailserv.codec.line;

/**
 * The user event of a {@link LineFrameDecoder} whose client has closed its side of the connection, and which has given all that the client
 * sent: every command is answered, and what is left is no whole frame. Comes once.
 */
public enum EndOfInput {
    /** The only one. */
    INSTANCE
}
