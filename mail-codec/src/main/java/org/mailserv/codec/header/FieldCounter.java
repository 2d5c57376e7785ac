package org.mailserv.codec.header;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Counts the header fields of one name in a message that arrives in arbitrary chunks. Ignores everything after the
 * header.
 */
public final class FieldCounter {
    private final byte[] name;
    private int matched;
    private boolean lineStart = true;
    private boolean lineEmpty = true;
    private boolean inBody;
    private int count;

    /** @param name the field name, without the colon */
    public FieldCounter(String name) {
        this((name + ":").toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
    }

    private FieldCounter(byte[] beginning) {
        this.name = beginning;
    }

    /**
     * Returns a counter of the Received fields that this server added: lines that start with {@code HTAB by HOST SP}.
     * It detects mail loops through this server early.
     */
    public static FieldCounter ofTracesBy(String host) {
        return new FieldCounter(("\tby " + host + " ").toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
    }

    /** Examines the next chunk. Its indexes are not changed. */
    public void look(ByteBuf piece) {
        if (inBody) {
            return;
        }
        int position = piece.readerIndex();
        int end = piece.writerIndex();
        while (position < end && !inBody) {
            if (!lineStart) {
                // The rest of the line is irrelevant.
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

    /** Returns the number of fields so far. */
    public int count() {
        return count;
    }

    /** Returns whether the blank line after the header has been seen. */
    public boolean isHeaderOver() {
        return inBody;
    }
}
