package org.mailserv.app.transfer;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An mbox file of any variety. Messages begin with a line {@code From sender date}. Such a line within a message is quoted by {@code >}
 * (mboxo, mboxrd), or {@code Content-Length} gives the end of the message (mboxcl, mboxcl2); it is trusted if another message or the end of
 * the file follows there. RFC 4155.
 */
public final class MboxSource implements MailSource {
    private static final String FROM = "From ";
    private static final byte[] CRLF = {'\r', '\n'};

    private final Path file;
    private final String folder;
    private final String uidFormat;
    private long validity = -1;

    /** @param folder empty for the inbox, or a Maildir++ folder */
    MboxSource(Path file, String folder, String uidFormat) {
        this.file = file;
        this.folder = folder;
        this.uidFormat = uidFormat;
    }

    /** Returns whether a file begins like an mbox file; an empty file is an empty mbox. */
    static boolean isMbox(Path file) throws IOException {
        try (MboxLines lines = new MboxLines(Files.newInputStream(file))) {
            MboxLines.Line line = lines.next();
            while (line != null && line.isBlank()) {
                line = lines.next();
            }
            return line == null || line.startsWith(FROM);
        }
    }

    @Override
    public void read(Sink sink) throws IOException {
        Instant modified = Files.getLastModifiedTime(file).toInstant();
        try (MboxLines lines = new MboxLines(Files.newInputStream(file));
                FileChannel channel = FileChannel.open(file)) {
            MboxLines.Line line = lines.next();
            while (line != null && line.isBlank()) {
                line = lines.next();
            }
            if (line != null && !line.startsWith(FROM)) {
                throw new IOException(file + ": no mbox file (expected: a line that begins with \"From \")");
            }
            while (line != null) {
                line = readMessage(line, lines, channel, modified, sink);
            }
        }
    }

    /** Reads one message, and returns the separator of the next one. */
    private MboxLines.@Nullable Line readMessage(
            MboxLines.Line separator, MboxLines lines, FileChannel channel, Instant modified, Sink sink)
            throws IOException {
        MboxHeader header = new MboxHeader(separator.text());
        Incoming message = sink.begin();
        boolean inBody = readHeader(header, lines, message.content());
        if (header.validity() >= 0) {
            validity = header.validity();
        }
        if (inBody) {
            message.content().write(CRLF);
            long end = bodyEnd(header, lines.position(), channel);
            if (end >= 0) {
                boolean quoted = !hasSeparator(channel, lines.position(), end);
                readTo(end, quoted, lines, message.content());
            } else {
                readBody(lines, message.content());
            }
        }
        if (header.isFolderData() || header.isExpunged()) {
            message.abort();
        } else {
            message.end(new Facts(
                    folder,
                    null,
                    folder.isEmpty() ? header.uid(uidFormat, validity) : null,
                    header.arrival(modified),
                    header.flags(),
                    header.isFresh()));
        }
        MboxLines.Line next = lines.next();
        while (next != null && next.isBlank()) {
            next = lines.next();
        }
        return next;
    }

    /** Reads up to the blank line. Returns false if the message ends before it. */
    private static boolean readHeader(MboxHeader header, MboxLines lines, OutputStream out) throws IOException {
        for (MboxLines.Line line = lines.peek(); line != null; line = lines.peek()) {
            if (line.begins() && MboxHeader.isStrictSeparator(line.text())) {
                return false;
            }
            lines.next();
            if (line.isBlank()) {
                return true;
            } else if (header.take(line.text())) {
                out.write(line.octets());
            }
        }
        return false;
    }

    /** Reads up to the next separator, which is not consumed. The blank line before it belongs to the format. */
    private static void readBody(MboxLines lines, OutputStream out) throws IOException {
        MboxLines.Line first = lines.peek();
        if (first != null && first.startsWith(FROM) && isSeparator(first.text(), true)) {
            return;
        }
        MboxLines.Line blank = null;
        for (MboxLines.Line line = lines.next(); line != null; line = lines.next()) {
            if (blank != null) {
                out.write(blank.octets());
            }
            blank = line.isBlank() ? line : null;
            if (blank == null) {
                write(line, true, out);
            }
            MboxLines.Line next = lines.peek();
            if (next != null && next.startsWith(FROM) && isSeparator(next.text(), line.isBlank())) {
                return;
            }
        }
    }

    /** A text line that begins with "From " usually has no date, and many programs quote all such lines anyway. */
    private static boolean isSeparator(String line, boolean afterBlank) {
        if (MboxHeader.isStrictSeparator(line)) {
            return true;
        }
        boolean addressAlone = line.substring(FROM.length()).strip().matches("\\S*[@-]\\S*|MAILER-DAEMON");
        return afterBlank && (MboxHeader.date(line) != null || addressAlone);
    }

    private static void write(MboxLines.Line line, boolean quoted, OutputStream out) throws IOException {
        int skipped = quoted && isQuotedFrom(line) ? 1 : 0;
        out.write(line.octets(), skipped, line.octets().length - skipped);
    }

    private static boolean isQuotedFrom(MboxLines.Line line) {
        return line.startsWith(">") && line.text().matches(">+From .*");
    }

    /** Returns the end of the body according to Content-Length, or -1 if that is not plausible. */
    private static long bodyEnd(MboxHeader header, long start, FileChannel channel) throws IOException {
        long length = header.contentLength();
        if (length < 0 || start + length > channel.size()) {
            return -1;
        }
        ByteBuffer octets = ByteBuffer.allocate(16);
        channel.read(octets, start + length);
        String after = new String(octets.array(), 0, octets.position(), StandardCharsets.ISO_8859_1);
        String rest = after.replaceFirst("^(\\r?\\n)+", "");
        boolean atLine = length == 0 || isLineEnd(channel, start + length - 1) || after.length() > rest.length();
        return atLine && (rest.isEmpty() && after.length() < 16 || rest.startsWith(FROM)) ? start + length : -1;
    }

    private static boolean isLineEnd(FileChannel channel, long position) throws IOException {
        ByteBuffer octet = ByteBuffer.allocate(1);
        return channel.read(octet, position) == 1 && octet.get(0) == '\n';
    }

    /** Returns whether a body contains unquoted separators. Then nothing in it is quoted (mboxcl2). */
    private static boolean hasSeparator(FileChannel channel, long start, long end) throws IOException {
        byte[] from = FROM.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer window = ByteBuffer.allocate(64 * 1024);
        int matched = 0;
        for (long at = start; at < end; ) {
            window.clear().limit((int) Math.min(window.capacity(), end - at));
            int read = channel.read(window, at);
            if (read <= 0) {
                return false;
            }
            for (int i = 0; i < read; i++) {
                byte octet = window.get(i);
                matched = octet == '\n' ? 0 : matched >= 0 && octet == from[matched] ? matched + 1 : -1;
                if (matched == from.length) {
                    return true;
                }
            }
            at += read;
        }
        return false;
    }

    private static void readTo(long end, boolean quoted, MboxLines lines, OutputStream out) throws IOException {
        while (lines.position() < end) {
            long left = end - lines.position();
            MboxLines.Line line = lines.next();
            if (line == null) {
                return;
            } else if (line.octets().length > left) {
                // The last line end belongs to the file.
                out.write(line.octets(), 0, (int) left);
            } else {
                write(line, quoted, out);
            }
        }
    }
}
