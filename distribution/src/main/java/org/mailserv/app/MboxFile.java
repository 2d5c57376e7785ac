package org.mailserv.app;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The mbox format in its reversible variety (mboxrd): messages behind "From " lines, each such line within a message quoted. RFC 4155. */
final class MboxFile {
    private MboxFile() {}

    /** Whether a line, without its quotes, begins like a separator. */
    private static boolean isFrom(byte[] line, int count) {
        int at = 0;
        while (at < count && line[at] == '>') {
            at++;
        }
        return count - at >= 5 && new String(line, at, 5, StandardCharsets.US_ASCII).equals("From ");
    }

    /** Reads one line after the other, with its line end. */
    private static final class Lines implements Closeable {
        private final InputStream in;

        Lines(InputStream in) {
            this.in = new BufferedInputStream(in, 64 * 1024);
        }

        byte @Nullable [] next() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream(128);
            for (int octet = in.read(); octet >= 0; octet = in.read()) {
                line.write(octet);
                if (octet == '\n') {
                    break;
                }
            }
            return line.size() == 0 ? null : line.toByteArray();
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /** Writes messages, line ends as LF. */
    static final class Writer implements Closeable {
        private final OutputStream out;

        Writer(Path file) throws IOException {
            out = new BufferedOutputStream(Files.newOutputStream(file));
        }

        void add(InputStream message) throws IOException {
            out.write("From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n".getBytes(StandardCharsets.US_ASCII));
            try (Lines lines = new Lines(message)) {
                for (byte[] line = lines.next(); line != null; line = lines.next()) {
                    int count = line.length;
                    count -= count > 0 && line[count - 1] == '\n' ? 1 : 0;
                    count -= count > 0 && line[count - 1] == '\r' ? 1 : 0;
                    if (isFrom(line, count)) {
                        out.write('>');
                    }
                    out.write(line, 0, count);
                    out.write('\n');
                }
            }
            out.write('\n');
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    /** Takes one message after the other. */
    interface Sink {
        /** Begins a message; its lines follow, and the stream is closed at its end. */
        OutputStream begin() throws IOException;
    }

    /** Reads a file; line ends become CRLF. */
    static int read(Path file, Sink sink) throws IOException {
        int count = 0;
        try (Lines lines = new Lines(Files.newInputStream(file))) {
            OutputStream message = null;
            boolean blank = false;
            try {
                for (byte[] line = lines.next(); line != null; line = lines.next()) {
                    int end = line.length;
                    end -= end > 0 && line[end - 1] == '\n' ? 1 : 0;
                    end -= end > 0 && line[end - 1] == '\r' ? 1 : 0;
                    boolean separator = end >= 5 && line[0] == 'F' && isFrom(line, end);
                    if (separator && (message == null || blank)) {
                        if (message != null) {
                            message.close();
                        }
                        message = new BufferedOutputStream(sink.begin());
                        count++;
                        blank = false;
                        continue;
                    } else if (message == null) {
                        throw new IOException(file + ": no mbox file (expected: a line that begins with \"From \")");
                    }
                    if (blank) {
                        message.write('\r');
                        message.write('\n');
                    }
                    // The blank line before a separator is the format's.
                    blank = end == 0;
                    if (!blank) {
                        int from = line[0] == '>' && isFrom(line, end) ? 1 : 0;
                        message.write(line, from, end - from);
                        message.write('\r');
                        message.write('\n');
                    }
                }
            } finally {
                if (message != null) {
                    message.close();
                }
            }
        }
        return count;
    }
}
