package org.mailserv.acme.dns;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Writes the parts of a DNS message. RFC 1035, 3 and 4. Names are never compressed. */
final class WireWriter {
    private static final int MAX_LABEL = 63;
    private static final int MAX_NAME = 255;
    private static final int MAX_STRING = 255;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

    WireWriter octet(int value) {
        out.write(value);
        return this;
    }

    WireWriter number16(int value) {
        return octet(value >> 8).octet(value);
    }

    WireWriter number32(long value) {
        return number16((int) (value >> 16)).number16((int) value);
    }

    WireWriter number48(long value) {
        return number16((int) (value >> 32)).number32(value);
    }

    WireWriter octets(byte[] octets) {
        out.writeBytes(octets);
        return this;
    }

    /**
     * Writes a name in lower case, as TSIG requires it.
     *
     * @throws IllegalArgumentException if it is not a valid name
     */
    WireWriter name(String name) {
        String plain = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        int start = out.size();
        for (String label : plain.isEmpty() ? new String[0] : plain.split("\\.", -1)) {
            byte[] octets = label.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
            if (octets.length == 0 || octets.length > MAX_LABEL) {
                throw new IllegalArgumentException("\"" + name + "\" is not a domain name");
            }
            octet(octets.length).octets(octets);
        }
        octet(0);
        if (out.size() - start > MAX_NAME) {
            throw new IllegalArgumentException("\"" + name + "\" is too long for a domain name");
        }
        return this;
    }

    /** Writes the data of a TXT record, with its length before it. */
    WireWriter txtData(String text) {
        byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
        if (octets.length > MAX_STRING) {
            throw new IllegalArgumentException("a text of " + octets.length + " octets (expected: at most 255)");
        }
        return number16(octets.length + 1).octet(octets.length).octets(octets);
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
