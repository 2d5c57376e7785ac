package org.mailserv.acme.dns;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Reads the parts of a DNS message. RFC 1035, 4.1. */
final class WireReader {
    private static final int POINTER = 0xc0;
    private static final int MAX_JUMPS = 64;

    private final byte[] octets;
    private int at;

    WireReader(byte[] octets) {
        this.octets = octets;
    }

    int position() {
        return at;
    }

    int octet() throws IOException {
        if (at >= octets.length) {
            throw new IOException("the DNS server's answer is cut off");
        }
        return octets[at++] & 0xff;
    }

    int number16() throws IOException {
        return octet() << 8 | octet();
    }

    long number32() throws IOException {
        return (long) number16() << 16 | number16();
    }

    long number48() throws IOException {
        return (long) number16() << 32 | number32();
    }

    byte[] octets(int count) throws IOException {
        if (count > octets.length - at) {
            throw new IOException("the DNS server's answer is cut off");
        }
        at += count;
        return Arrays.copyOfRange(octets, at - count, at);
    }

    /** Returns a name in lower case without the final dot, following compression pointers. */
    String name() throws IOException {
        StringBuilder text = new StringBuilder();
        int back = -1;
        int jumps = 0;
        for (int length = octet(); length != 0; length = octet()) {
            if ((length & POINTER) == POINTER) {
                int target = (length & ~POINTER) << 8 | octet();
                back = back < 0 ? at : back;
                if (++jumps > MAX_JUMPS) {
                    throw new IOException("the DNS server's answer has a name without end");
                }
                at = target;
            } else {
                text.append(text.length() == 0 ? "" : ".")
                        .append(new String(octets(length), StandardCharsets.ISO_8859_1));
            }
        }
        at = back < 0 ? at : back;
        return text.toString().toLowerCase(Locale.ROOT);
    }
}
