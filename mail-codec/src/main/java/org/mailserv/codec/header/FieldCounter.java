package org.mailserv.codec.header;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Counts the fields of one name in the header of a message as it passes, cut anywhere. Looks at nothing behind the header. */
public final class FieldCounter {
    private final byte[] name;
    private int matched;
    private boolean lineStart = true;
    private boolean lineEmpty = true;
    private boolean inBody;
    private int count;

    /** @param name of the field, without the colon */
    public FieldCounter(String name) {
        this((name + ":").toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
    }

    private FieldCounter(byte[] beginning) {
        this.name = beginning;
    }

    /** Counts the header lines that a Received field of ours has: {@code HTAB by HOST SP}, so that a loop through us is seen early. */
    public static FieldCounter ofTracesBy(String host) {
        return new FieldCounter(("\tby " + host + " ").toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
    }

    /** Looks at the next piece; its indexes stay. */
    public void look(ByteBuf piece) {
        if (inBody) {
            return;
        }
        int position = piece.readerIndex();
        int end = piece.writerIndex();
        while (position < end && !inBody) {
            if (!lineStart) {
                // The rest of a line says nothing.
                int lf = piece.indexOf(position, end, (byte) '\n');
                if (lf < 0) {
                    return;
                }
                position = lf + 1;
                beginLine();
                continue;
            }
            matchLineStart(piece.getByte(position++));
        }
    }

    private void beginLine() {
        lineStart = true;
        lineEmpty = true;
        matched = 0;
    }

    private void matchLineStart(byte octet) {
        if (octet == '\n') {
            inBody = lineEmpty;
            beginLine();
            return;
        }
        if (octet == '\r') {
            lineStart = lineEmpty;
            return;
        }
        lineEmpty = false;
        int lower = octet >= 'A' && octet <= 'Z' ? octet + 32 : octet;
        if (lower != name[matched]) {
            lineStart = false;
        } else if (++matched == name.length) {
            count++;
            lineStart = false;
        }
    }

    /** Fields so far. */
    public int count() {
        return count;
    }

    /** Whether the blank line behind the header has passed. */
    public boolean isHeaderOver() {
        return inBody;
    }
}
