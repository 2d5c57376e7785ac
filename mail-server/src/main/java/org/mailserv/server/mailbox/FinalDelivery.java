package org.mailserv.server.mailbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.server.spool.MailboxFormat;
import org.mailserv.server.spool.MessageContent;

/**
 * A message as it is written to a mailbox: with one Return-Path, the envelope's sender, and a CRLF at the end. A Return-Path field that came
 * with the message is removed, because programs send bounces there. RFC 5321, 4.4.
 */
public final class FinalDelivery {
    private static final byte[] FIELD = "return-path".getBytes(StandardCharsets.US_ASCII);
    private static final int WINDOW = 8 * 1024;
    // Mail readers do not look at longer headers.
    private static final int LONGEST_HEADER = 1 << 20;
    private static final ThreadLocal<ByteBuffer> BUFFER = ThreadLocal.withInitial(() -> ByteBuffer.allocate(WINDOW));

    private final MessageContent content;
    // Start and end of each removed field, alternating.
    private final List<Long> cuts = new ArrayList<>(0);

    private long lineStart;
    private int column;
    private Line line = Line.NAME;
    private boolean cutting;
    private boolean inHeader = true;

    /** The kind of a header line, as far as it has been read. */
    private enum Line {
        /** The field's name may still be Return-Path. */
        NAME,
        /** The name is Return-Path; blanks may follow before the colon. */
        AFTER_NAME,
        /** A field of another name, before its colon. */
        OTHER_NAME,
        /** The rest of a line whose kind is known. */
        REST
    }

    private FinalDelivery(MessageContent content) {
        this.content = content;
    }

    /** Scans the header of a message. Blocks unless the content is in memory. */
    public static FinalDelivery of(MessageContent content) throws IOException {
        FinalDelivery form = new FinalDelivery(content);
        form.scan();
        return form;
    }

    /** Returns whether the content is written as it is. */
    public boolean isWhole() {
        return cuts.isEmpty();
    }

    private void scan() throws IOException {
        ByteBuffer window = BUFFER.get();
        long end = Math.min(content.length(), LONGEST_HEADER);
        for (long position = 0; inHeader && position < end; ) {
            window.clear().limit((int) Math.min(WINDOW, end - position));
            content.read(position, window);
            window.flip();
            while (inHeader && window.hasRemaining()) {
                take(window.get(), position + window.position() - 1);
            }
            position += window.limit();
        }
        if (cutting) {
            cuts.add(end);
        }
    }

    private void take(byte octet, long position) {
        if (column == 0) {
            begin(octet, position);
        } else if (octet != '\n') {
            read(octet);
        }
        column++;
        if (octet == '\n') {
            // A line that is not a field ends the header, as the empty line does.
            inHeader &= line == Line.REST;
            column = 0;
        }
    }

    private void begin(byte octet, long position) {
        lineStart = position;
        boolean folded = octet == ' ' || octet == '\t';
        line = folded ? Line.REST : Line.NAME;
        if (cutting && !folded) {
            cuts.add(position);
            cutting = false;
        }
        if (octet == '\r' || octet == '\n') {
            inHeader = false;
        } else if (!folded) {
            read(octet);
        }
    }

    private void read(byte octet) {
        switch (line) {
            case NAME -> {
                int lower = octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
                line = lower != FIELD[column]
                        ? Line.OTHER_NAME
                        : column + 1 == FIELD.length ? Line.AFTER_NAME : Line.NAME;
            }
            case AFTER_NAME -> {
                if (octet == ':') {
                    line = Line.REST;
                    cutting = true;
                    cuts.add(lineStart);
                } else if (octet != ' ' && octet != '\t') {
                    line = Line.OTHER_NAME;
                }
            }
            default -> {
                // Handled below.
            }
        }
        if (line == Line.OTHER_NAME && octet == ':') {
            line = Line.REST;
        }
    }

    /** Writes the whole message: the line given, the content without removed fields, and a line end if it lacks one. Blocks. */
    public void writeTo(WritableByteChannel target, byte[] returnPath) throws IOException {
        ByteBuffer head = ByteBuffer.wrap(returnPath);
        if (cuts.isEmpty()) {
            content.writeTo(head, target);
        } else {
            writeAll(head, target);
            writeContent(target);
        }
        writeAll(ByteBuffer.wrap(MailboxFormat.missingEnd(content)), target);
    }

    /** Writes the content without removed fields. Blocks unless the content is in memory. */
    public void writeContent(WritableByteChannel target) throws IOException {
        long from = 0;
        for (int i = 0; i < cuts.size(); i += 2) {
            copy(target, from, cuts.get(i));
            from = cuts.get(i + 1);
        }
        copy(target, from, content.length());
    }

    private static void writeAll(ByteBuffer octets, WritableByteChannel target) throws IOException {
        while (octets.hasRemaining()) {
            target.write(octets);
        }
    }

    private void copy(WritableByteChannel target, long from, long to) throws IOException {
        for (long at = from; at < to; ) {
            long step = content.transferTo(at, to - at, target);
            if (step <= 0) {
                throw new IOException("content ends at " + at + " of " + content.length());
            }
            at += step;
        }
    }
}
