package org.mailserv.app.transfer;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads lines with their ends and tracks the position in the file. A very long line is returned in pieces. */
public final class MboxLines implements Closeable {
    private static final int LONGEST = 1 << 20;

    private final InputStream in;
    private @Nullable Line next;
    private long position;
    private boolean atLineStart = true;

    /**
     * A line, or a piece of one.
     *
     * @param octets with CRLF or LF at the end, unless it is a piece or the last line of the file
     * @param begins whether it is the start of a line
     */
    record Line(byte[] octets, boolean begins) {
        /** Returns the number of octets before the line end. */
        int length() {
            int count = octets.length;
            count -= count > 0 && octets[count - 1] == '\n' ? 1 : 0;
            return count - (count < octets.length && count > 0 && octets[count - 1] == '\r' ? 1 : 0);
        }

        boolean isBlank() {
            return begins && length() == 0;
        }

        boolean startsWith(String text) {
            return begins
                    && octets.length >= text.length()
                    && new String(octets, 0, text.length(), StandardCharsets.ISO_8859_1).equals(text);
        }

        /** Returns the text without the line end. */
        String text() {
            return new String(octets, 0, length(), StandardCharsets.ISO_8859_1);
        }
    }

    MboxLines(InputStream in) {
        this.in = new BufferedInputStream(in, 64 * 1024);
    }

    /** Returns the next line, or null at the end. */
    @Nullable
    Line next() throws IOException {
        Line line = peek();
        next = null;
        position += line == null ? 0 : line.octets().length;
        return line;
    }

    /** Returns the line that {@link #next} will return. */
    @Nullable
    Line peek() throws IOException {
        if (next == null) {
            next = read();
        }
        return next;
    }

    /** Returns the position of the next line. */
    long position() {
        return position;
    }

    private @Nullable Line read() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        int octet = 0;
        while (line.size() < LONGEST && octet != '\n') {
            octet = in.read();
            if (octet < 0) {
                break;
            }
            line.write(octet);
        }
        boolean begins = atLineStart;
        atLineStart = octet == '\n';
        return line.size() == 0 ? null : new Line(line.toByteArray(), begins);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
