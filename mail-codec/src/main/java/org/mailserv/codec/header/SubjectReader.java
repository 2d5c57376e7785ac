package org.mailserv.codec.header;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads the first Subject field of a message that arrives in arbitrary chunks. Ignores everything after the header. Its memory is limited. */
public final class SubjectReader {
    private static final byte[] NAME = "subject:".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_OCTETS = 1_000;
    private static final int MAX_CHARS = 200;

    private enum State {
        /** At the beginning of a line, or within the name of the field. */
        START,
        /** In a line of another field. */
        SKIP,
        VALUE,
        /** At the beginning of a line that may continue the value. */
        AFTER_VALUE,
        DONE
    }

    private final ByteArrayOutputStream value = new ByteArrayOutputStream(0);
    private State state = State.START;
    private int matched;
    private boolean lineEmpty = true;
    private boolean found;

    /** Examines the next chunk. Its indexes are not changed. */
    public void look(ByteBuf piece) {
        int position = piece.readerIndex();
        int end = piece.writerIndex();
        while (position < end && state != State.DONE) {
            if (state == State.SKIP) {
                int lf = piece.indexOf(position, end, (byte) '\n');
                if (lf < 0) {
                    return;
                }
                position = lf + 1;
                beginLine();
            } else {
                next(piece.getByte(position++));
            }
        }
    }

    private void beginLine() {
        state = State.START;
        matched = 0;
        lineEmpty = true;
    }

    private void next(byte octet) {
        switch (state) {
            case START -> start(octet);
            case VALUE -> {
                if (octet == '\n') {
                    state = State.AFTER_VALUE;
                } else if (octet != '\r' && value.size() < MAX_OCTETS) {
                    value.write(octet);
                }
            }
            case AFTER_VALUE -> {
                state = octet == ' ' || octet == '\t' ? State.VALUE : State.DONE;
                if (state == State.VALUE && value.size() < MAX_OCTETS) {
                    value.write(octet);
                }
            }
            case SKIP, DONE -> throw new IllegalStateException(state.name());
        }
    }

    private void start(byte octet) {
        if (octet == '\n') {
            state = lineEmpty ? State.DONE : State.START;
            matched = 0;
            lineEmpty = true;
            return;
        } else if (octet == '\r') {
            return;
        }
        lineEmpty = false;
        int lower = octet >= 'A' && octet <= 'Z' ? octet + 32 : octet;
        if (lower != NAME[matched]) {
            state = State.SKIP;
        } else if (++matched == NAME.length) {
            found = true;
            state = State.VALUE;
        }
    }

    /** Returns the subject, decoded, on one line and at most 200 characters long; null if there is none. */
    public @Nullable String subject() {
        return found ? clean(value.toString(StandardCharsets.UTF_8)) : null;
    }

    /** Returns the subject of a header in the same form. */
    public static @Nullable String of(HeaderBlock header) {
        HeaderField field = header.first("Subject");
        return field == null ? null : clean(field.value());
    }

    /** Removes what does not print, such as characters that change the direction of the text after them. */
    private static String clean(String text) {
        String decoded = EncodedWords.decode(
                        text.substring(0, Math.min(text.length(), MAX_OCTETS)).strip())
                .replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]+", " ")
                .strip();
        return decoded.length() > MAX_CHARS ? decoded.substring(0, MAX_CHARS) + "..." : decoded;
    }
}
