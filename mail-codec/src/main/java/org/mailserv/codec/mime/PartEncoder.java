package org.mailserv.codec.mime;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Encodes the content of one part as 7-bit text with lines of limited length. An instance serves one part only. */
abstract class PartEncoder {
    private static final byte[] CRLF = {'\r', '\n'};
    static final int WIDTH = 76;
    /** Maximum octets of a line without CRLF. RFC 5321, 4.5.3.1.6. */
    static final int MAX_LINE = 998;

    /** Encodes one octet of the content. */
    abstract void octet(byte octet, ByteBuf out);

    /** Ends the part. The output that follows starts a new line. */
    abstract void end(ByteBuf out);

    static void crlf(ByteBuf out) {
        out.writeBytes(CRLF);
    }

    static void hex(byte octet, ByteBuf out) {
        out.writeByte('=');
        out.writeByte("0123456789ABCDEF".charAt(octet >> 4 & 15));
        out.writeByte("0123456789ABCDEF".charAt(octet & 15));
    }

    /** Quoted-printable. RFC 2045, 6.7. */
    static final class QuotedPrintable extends PartEncoder {
        /** True if the content is already quoted-printable and only line lengths or single octets need correction. */
        private final boolean already;

        private int column;
        private byte held;
        private boolean afterCr;

        QuotedPrintable(boolean already) {
            this.already = already;
        }

        @Override
        void octet(byte octet, ByteBuf out) {
            if (octet == '\n' && afterCr) {
                afterCr = false;
                // Trailing blanks are encoded because they may be stripped in transit.
                flushHeld(out, true);
                crlf(out);
                column = 0;
                return;
            }
            if (afterCr) {
                afterCr = false;
                flushHeld(out, false);
                put((byte) '\r', true, out);
            }
            if (octet == '\r') {
                afterCr = true;
            } else if (octet == ' ' || octet == '\t') {
                flushHeld(out, false);
                held = octet;
            } else {
                flushHeld(out, false);
                put(octet, octet < '!' || octet > '~' || octet == '=' && !already, out);
            }
        }

        private void flushHeld(ByteBuf out, boolean atEnd) {
            if (held != 0) {
                byte blank = held;
                held = 0;
                put(blank, atEnd && !already, out);
            }
        }

        private void put(byte octet, boolean quote, ByteBuf out) {
            // An existing escape sequence must not be split, so there must be room for all three characters.
            int room = quote || already && octet == '=' ? 3 : 1;
            if (column + room > WIDTH - 1 - (already ? 2 : 0)) {
                out.writeByte('=');
                crlf(out);
                column = 0;
            }
            if (quote) {
                hex(octet, out);
            } else {
                out.writeByte(octet);
            }
            column += quote ? 3 : 1;
        }

        @Override
        void end(ByteBuf out) {
            flushHeld(out, true);
            if (afterCr) {
                put((byte) '\r', true, out);
            }
            if (column > 0) {
                // The line end before a boundary belongs to the boundary.
                out.writeByte('=');
                crlf(out);
            }
        }
    }

    /** Base64. RFC 2045, 6.8. */
    static final class Base64 extends PartEncoder {
        private static final byte[] ALPHABET =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(StandardCharsets.US_ASCII);
        private int bits;
        private int count;
        private int column;

        @Override
        void octet(byte octet, ByteBuf out) {
            bits = bits << 8 | octet & 0xFF;
            if (++count == 3) {
                write(4, out);
                bits = 0;
                count = 0;
            }
        }

        private void write(int characters, ByteBuf out) {
            for (int i = 0; i < 4; i++) {
                out.writeByte(i < characters ? ALPHABET[bits >> 18 - 6 * i & 63] : '=');
            }
            column += 4;
            if (column >= WIDTH) {
                crlf(out);
                column = 0;
            }
        }

        @Override
        void end(ByteBuf out) {
            if (count > 0) {
                bits <<= 8 * (3 - count);
                write(count + 1, out);
            }
            if (column > 0) {
                crlf(out);
            }
        }
    }

    /** Content that is already base64 but has overlong lines. */
    static final class Base64Lines extends PartEncoder {
        private int column;

        @Override
        void octet(byte octet, ByteBuf out) {
            if (octet > ' ') {
                out.writeByte(octet);
                if (++column == WIDTH) {
                    crlf(out);
                    column = 0;
                }
            }
        }

        @Override
        void end(ByteBuf out) {
            if (column > 0) {
                crlf(out);
            }
        }
    }

    /**
     * Content protected by a signature, whose octets must not change. Records whether it is already 7-bit with short
     * lines.
     */
    static final class Untouched extends PartEncoder {
        private boolean unfit;
        private boolean afterCr;
        private int column;

        @Override
        void octet(byte octet, ByteBuf out) {
            if (octet == '\n') {
                unfit |= column - 1 > MAX_LINE;
                column = 0;
            } else {
                unfit |= octet <= 0 || afterCr;
                column++;
            }
            afterCr = octet == '\r';
            out.writeByte(octet);
        }

        @Override
        void end(ByteBuf out) {
            unfit |= column > MAX_LINE || afterCr;
        }

        boolean isUnfit() {
            return unfit;
        }
    }

    /** Text that must not be encoded or that no reader displays: preambles, epilogues and reports. */
    static final class Plain extends PartEncoder {
        private int column;
        private boolean crHeld;

        @Override
        void octet(byte octet, ByteBuf out) {
            boolean lineEnd = octet == '\r' || octet == '\n';
            if (!lineEnd && column >= 900) {
                crlf(out);
                column = 0;
            }
            if (octet == '\r') {
                flushCr(out);
                crHeld = true;
                return;
            } else if (octet == '\n') {
                crHeld = false;
                crlf(out);
                column = 0;
                return;
            }
            flushCr(out);
            out.writeByte(octet <= 0 ? '?' : octet);
            column++;
        }

        /** Replaces a bare CR by a blank. */
        private void flushCr(ByteBuf out) {
            if (crHeld) {
                crHeld = false;
                out.writeByte(' ');
                column++;
            }
        }

        @Override
        void end(ByteBuf out) {
            flushCr(out);
            if (column > 0) {
                crlf(out);
            }
        }
    }
}
