package org.mailserv.server.check.dkim;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Scans a message as it streams through. It keeps the header, up to a limit, and passes the body to a subclass in pieces. The message is
 * neither read twice nor held in memory. Confined to one thread at a time.
 */
public abstract class MessageScan {
    /** Maximum size of a header in octets; a message with a larger one is not scanned. */
    public static final int MAX_HEADER = 512 * 1024;

    private final ByteArrayOutputStream header = new ByteArrayOutputStream(2048);
    private int lineEnds;
    private boolean headerDone;
    private boolean tooLarge;

    /** Scans a piece, which stays the caller's. */
    public final void feed(ByteBuf piece) {
        if (tooLarge) {
            return;
        }
        byte[] octets = ByteBufUtil.getBytes(piece);
        int at = 0;
        while (at < octets.length && !headerDone) {
            byte octet = octets[at++];
            header.write(octet);
            // The header ends with two consecutive line ends, with or without CR.
            if (octet == '\n') {
                lineEnds++;
            } else if (octet != '\r') {
                lineEnds = 0;
            }
            if (lineEnds == 2 || lineEnds == 1 && header.size() <= 2) {
                endHeader();
            } else if (header.size() > MAX_HEADER) {
                tooLarge = true;
                return;
            }
        }
        if (at < octets.length) {
            body(octets, at, octets.length - at);
        }
    }

    private void endHeader() {
        headerDone = true;
        String text = header.toString(StandardCharsets.ISO_8859_1);
        int end = text.endsWith("\r\n") ? text.length() - 2 : text.length() - 1;
        header(text.substring(0, Math.max(0, end)));
    }

    /** Ends the message. Returns false if its header was too large. */
    protected final boolean complete() {
        if (!headerDone && !tooLarge) {
            headerDone = true;
            header(header.toString(StandardCharsets.ISO_8859_1));
        }
        return !tooLarge;
    }

    /** Receives the header once, without the blank line, one char per octet. */
    protected abstract void header(String text);

    /** Receives a piece of the body. */
    protected abstract void body(byte[] octets, int from, int count);

    /** Returns the trimmed value of a tag, or null. */
    protected static @Nullable String trimmed(@Nullable String value) {
        return value == null ? null : value.strip();
    }
}
