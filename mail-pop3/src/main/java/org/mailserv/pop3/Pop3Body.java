package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;
import org.mailserv.server.mailbox.Maildrop.MaildropMessage;

/** The lines behind a multi-line reply, made only as fast as the client takes them. */
public sealed interface Pop3Body {
    /** Lines that are written one after another into buffers of a bounded size: memory does not grow with their number. */
    non-sealed interface Lines extends Pop3Body {
        /** Appends the next line with its CRLF; false when there was none left. */
        boolean next(ByteBuf out);
    }

    /**
     * An open message; who writes it closes it.
     *
     * @param bodyLines how many lines of the body to send after the header and the blank line; -1 for all. RFC 1939, 7 (TOP)
     */
    record Message(MaildropMessage message, int bodyLines) implements Pop3Body {}
}
