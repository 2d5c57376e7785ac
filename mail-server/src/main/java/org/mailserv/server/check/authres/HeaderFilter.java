package org.mailserv.server.check.authres;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Removes forged Authentication-Results fields from a message as it streams through, and keeps a copy of its header up to a limit. The
 * input may be split anywhere. The filter holds back at most one line, or one whole field if that may have to be removed, each up to a
 * limit. Confined to one thread at a time. RFC 8601, 5.
 */
public final class HeaderFilter {
    private static final int MAX_HEADER = 512 << 10;
    private static final int MAX_HELD = 64 << 10;
    private static final String PREFIX = "authentication-results";
    private static final Pattern BARE_CR = Pattern.compile("\r(?!\n)");

    private final String authservId;
    private final StringBuilder header = new StringBuilder();
    private final ByteBuf line = Unpooled.buffer(256);
    private final StringBuilder suspect = new StringBuilder();

    private boolean inBody;
    private boolean cut;
    private boolean suspicious;
    private boolean inLongLine;

    public HeaderFilter(String authservId) {
        this.authservId = authservId;
    }

    /** Returns whether the header has ended. The rest of the message passes unchanged. */
    public boolean isHeaderOver() {
        return inBody;
    }

    /** Returns the header received so far, up to the limit, one char per octet. */
    public String header() {
        return header.toString();
    }

    /** Returns whether the header is larger than what {@link #header} keeps. */
    public boolean isCut() {
        return cut;
    }

    /**
     * Filters the next piece.
     *
     * @param piece the input; ownership passes to the filter
     * @return the output, possibly empty; the caller releases it
     */
    public ByteBuf pass(ByteBuf piece) {
        if (inBody) {
            return piece;
        }
        ByteBuf out = Unpooled.buffer(piece.readableBytes() + line.readableBytes());
        while (piece.isReadable() && !inBody) {
            int lf = piece.indexOf(piece.readerIndex(), piece.writerIndex(), (byte) '\n');
            int length = (lf < 0 ? piece.writerIndex() : lf + 1) - piece.readerIndex();
            line.writeBytes(piece, length);
            if (lf >= 0) {
                endOfLine(out);
            } else if (line.readableBytes() > MAX_HELD) {
                partOfLine(out);
            }
        }
        out.writeBytes(piece);
        piece.release();
        return out;
    }

    /** Ends the message and returns what was held back; the caller releases it. */
    public ByteBuf finish() {
        ByteBuf out = Unpooled.buffer(line.readableBytes());
        if (!inBody) {
            endOfLine(out);
            settle(out);
            inBody = true;
        }
        return out;
    }

    private void partOfLine(ByteBuf out) {
        take(out, !inLongLine);
        inLongLine = true;
    }

    private void endOfLine(ByteBuf out) {
        take(out, !inLongLine);
        inLongLine = false;
    }

    private void take(ByteBuf out, boolean lineStart) {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        line.clear();
        boolean continues = !lineStart || !text.isEmpty() && (text.charAt(0) == ' ' || text.charAt(0) == '\t');
        if (!continues) {
            settle(out);
            inBody = text.equals("\r\n") || text.equals("\n");
            suspicious = isSuspect(text);
        }
        if (header.length() + text.length() <= MAX_HEADER) {
            header.append(text);
        } else {
            cut = true;
        }
        if (suspicious) {
            suspect.append(text, 0, Math.max(0, Math.min(text.length(), MAX_HELD - suspect.length())));
        } else {
            write(out, text);
        }
    }

    /** Returns whether a line contains a bare CR, which some readers take for a line end. */
    private static boolean isSuspect(String line) {
        for (String part : BARE_CR.split(line, -1)) {
            if (isResults(part)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isResults(String line) {
        int colon = line.indexOf(':');
        return colon >= 0 && line.substring(0, colon).stripTrailing().equalsIgnoreCase(PREFIX);
    }

    /** Decides on a complete field: it passes unless it is forged or too long to be examined. */
    private void settle(ByteBuf out) {
        if (suspicious) {
            String field = suspect.toString();
            boolean forged = field.length() >= MAX_HELD;
            for (String part : BARE_CR.split(field, -1)) {
                forged |= isResults(part) && isOf(part.substring(part.indexOf(':') + 1), authservId);
            }
            if (!forged) {
                write(out, field);
            }
            suspect.setLength(0);
            suspicious = false;
        }
    }

    /**
     * Returns whether a field claims to be written by the given server. Such a field from outside is forged. RFC 8601, 5.
     *
     * @param value the text after the colon
     */
    static boolean isOf(String value, String authservId) {
        StringBuilder id = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '(' || c == ')') {
                depth = Math.max(0, depth + (c == '(' ? 1 : -1));
            } else if (depth == 0 && c == ';') {
                break;
            } else if (depth == 0 && c != '"') {
                id.append(c);
            }
        }
        String first = id.toString().strip().split("\\s+", 2)[0];
        return first.toLowerCase(Locale.ROOT).equals(authservId.toLowerCase(Locale.ROOT));
    }

    private static void write(ByteBuf out, String text) {
        out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    }
}
