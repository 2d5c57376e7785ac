package org.mailserv.server.check.dkim;

import java.security.MessageDigest;
import java.util.Locale;
import org.mailserv.codec.header.HeaderField;

/** The canonicalization algorithms, which make signatures survive harmless changes in transit. RFC 6376, 3.4. */
enum Canonical {
    SIMPLE,
    RELAXED;

    /** Returns a field in canonical form, with its CRLF. */
    String field(HeaderField field) {
        if (this == SIMPLE) {
            return field.raw();
        }
        String value =
                field.rawValue().replace("\r\n", "").replaceAll("[ \t]+", " ").strip();
        return field.name().toLowerCase(Locale.ROOT) + ":" + value + "\r\n";
    }

    /** Hashes a body as it streams through. Confined to one thread. */
    static final class Body {
        private final boolean relaxed;
        private final MessageDigest digest;
        private final byte[] buffer = new byte[4096];
        private int buffered;
        private long left;
        private long hashed;
        private long lineEnds;
        private boolean blank;
        private boolean afterCr;
        private boolean any;

        /** @param limit maximum number of octets that are hashed ({@code l=}), or a negative number for all */
        Body(Canonical form, MessageDigest digest, long limit) {
            this.relaxed = form == RELAXED;
            this.digest = digest;
            this.left = limit < 0 ? Long.MAX_VALUE : limit;
        }

        void feed(byte[] octets, int from, int count) {
            for (int i = from; i < from + count; i++) {
                byte octet = octets[i];
                if (afterCr) {
                    afterCr = false;
                    if (octet == '\n') {
                        lineEnds++;
                        blank = false;
                        continue;
                    }
                    content((byte) '\r');
                }
                if (octet == '\r') {
                    afterCr = true;
                } else if (relaxed && (octet == ' ' || octet == '\t')) {
                    blank = true;
                } else {
                    content(octet);
                }
            }
        }

        /** Line ends and white space count only if something follows them. */
        private void content(byte octet) {
            for (; lineEnds > 0; lineEnds--) {
                put((byte) '\r');
                put((byte) '\n');
            }
            if (blank) {
                blank = false;
                put((byte) ' ');
            }
            put(octet);
            any = true;
        }

        private void put(byte octet) {
            if (left > 0) {
                left--;
                buffer[buffered++] = octet;
                if (buffered == buffer.length) {
                    flush();
                }
            }
            hashed++;
        }

        private void flush() {
            digest.update(buffer, 0, buffered);
            buffered = 0;
        }

        /** Returns the hash of the whole input. */
        byte[] finish() {
            if (afterCr) {
                content((byte) '\r');
            }
            if (any || !relaxed) {
                put((byte) '\r');
                put((byte) '\n');
            }
            flush();
            return digest.digest();
        }

        /** Returns the length of the whole canonical body in octets, hashed or not. */
        long length() {
            return hashed;
        }
    }
}
