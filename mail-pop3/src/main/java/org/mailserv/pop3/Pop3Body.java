package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;
import org.mailserv.server.mailbox.Maildrop.MaildropMessage;

/** The lines that follow the first line of a multi-line reply. They are produced at the pace of the client. */
public sealed interface Pop3Body {
    /**
     * Lines that are produced one by one into buffers of bounded size, so that memory does not grow with their
     * number.
     */
    non-sealed interface Lines extends Pop3Body {
        /**
         * Appends the next line, including its CRLF.
         *
         * @return false if there was no line left
         */
        boolean next(ByteBuf out);
    }

    /**
     * An open message. Its receiver closes it.
     *
     * @param bodyLines number of body lines to send after the header and the blank line; -1 for all. RFC 1939, 7
     *     (TOP)
     */
    record Message(MaildropMessage message, int bodyLines) implements Pop3Body {}
}
