package org.mailserv.server.check.dkim;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a message while it passes: keeps its header, up to a bound, and gives the body on in pieces. The message is neither read twice
 * nor held. One thread at a time.
 */
public abstract class MessageScan {
    /** Most octets of a header that are kept; a message with a larger one is passed over. */
    public static final int MAX_HEADER = 512 * 1024;

    private final ByteArrayOutputStream header = new ByteArrayOutputStream(2048);
    private int lineEnds;
    private boolean headerDone;
    private boolean tooLarge;

    /** Takes a piece, which stays the caller's. */
    public final void feed(ByteBuf piece) {
        if (tooLarge) {
            return;
        }
        byte[] octets = ByteBufUtil.getBytes(piece);
        int at = 0;
        while (at < octets.length && !headerDone) {
            byte octet = octets[at++];
            header.write(octet);
            // Two line ends behind each other, CR or not.
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

    /** The message is over. Gives false when its header was too large to be looked at. */
    protected final boolean complete() {
        if (!headerDone && !tooLarge) {
            headerDone = true;
            header(header.toString(StandardCharsets.ISO_8859_1));
        }
        return !tooLarge;
    }

    /** The header, without the blank line, a char an octet. Called once. */
    protected abstract void header(String text);

    /** A piece of the body. */
    protected abstract void body(byte[] octets, int from, int count);

    /** The value of a tag, or null. */
    protected static @Nullable String trimmed(@Nullable String value) {
        return value == null ? null : value.strip();
    }
}
