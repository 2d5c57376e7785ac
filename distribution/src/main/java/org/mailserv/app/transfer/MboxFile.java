package org.mailserv.app.transfer;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes an mbox file in its reversible variety (mboxrd): each line of a message that looks like a separator is quoted. RFC 4155. Line ends
 * are LF. The file appears under its name once it is complete.
 */
public final class MboxFile implements Closeable {
    private static final DateTimeFormatter ASCTIME = DateTimeFormatter.ofPattern(
                    "EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String RETURN_PATH = "Return-Path: <";

    private final Path file;
    private final Path temporary;
    private final OutputStream out;

    MboxFile(Path file) throws IOException {
        this.file = file;
        this.temporary = file.resolveSibling(file.getFileName() + ".part");
        this.out = new BufferedOutputStream(Files.newOutputStream(temporary));
    }

    /**
     * Adds a message.
     *
     * @param flags letters of a Maildir
     * @param fresh whether no program has looked at it
     */
    void add(InputStream message, Instant date, String uid, String flags, boolean fresh) throws IOException {
        try (MboxLines lines = new MboxLines(message)) {
            MboxLines.Line first = lines.peek();
            String sender = "MAILER-DAEMON";
            if (first != null && first.startsWith(RETURN_PATH)) {
                String address = first.text().substring(RETURN_PATH.length()).replaceAll(">.*", "");
                sender = address.isEmpty() || address.indexOf(' ') >= 0 ? sender : address;
            }
            text("From " + sender + " " + ASCTIME.format(date) + "\n");
            // These fields belong to the file rather than the message; readers remove them.
            text("X-UIDL: " + uid + "\n");
            text("Status: " + (flags.contains("S") ? "R" : "") + (fresh ? "" : "O") + "\n");
            text("X-Status: " + letter(flags, 'R', "A") + letter(flags, 'F', "F") + letter(flags, 'T', "D")
                    + letter(flags, 'D', "T") + "\n");
            for (MboxLines.Line line = lines.next(); line != null; line = lines.next()) {
                if (line.begins() && line.text().matches(">*From .*")) {
                    out.write('>');
                }
                out.write(line.octets(), 0, line.length());
                MboxLines.Line next = lines.peek();
                if (next == null || next.begins()) {
                    out.write('\n');
                }
            }
            out.write('\n');
        }
    }

    private void text(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String letter(String flags, char flag, String letter) {
        return flags.indexOf(flag) >= 0 ? letter : "";
    }

    /** Renames the file to its final name. */
    void complete() throws IOException {
        out.close();
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws IOException {
        out.close();
        Files.deleteIfExists(temporary);
    }
}
