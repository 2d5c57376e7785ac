package org.mailserv.codec.header;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header of a message as a list of fields. It ends at the blank line, or at a line that is neither a field nor a
 * continuation: mail programs treat messages that start with their text in this way.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-2.1">RFC 5322, 2.1</a>
 */
public final class HeaderBlock {
    private final List<HeaderField> fields;
    private final int length;

    private HeaderBlock(List<HeaderField> fields, int length) {
        this.fields = List.copyOf(fields);
        this.length = length;
    }

    /** Reads the header at the beginning of a message. Lines end in CRLF or LF. */
    public static HeaderBlock read(byte[] octets) {
        return read(new String(octets, StandardCharsets.ISO_8859_1));
    }

    /** Reads the header at the beginning of a message, one octet per char. Lines end in CRLF or LF. */
    public static HeaderBlock read(String text) {
        List<HeaderField> fields = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int end = endOfField(text, at);
            int colon = colon(text, at, end);
            if (colon < 0) {
                break;
            }
            fields.add(new HeaderField(text.substring(at, colon).stripTrailing(), text.substring(at, end)));
            at = end;
        }
        return new HeaderBlock(fields, at);
    }

    private static int endOfField(String text, int from) {
        int at = from;
        while (true) {
            int line = text.indexOf('\n', at);
            if (line < 0) {
                return text.length();
            }
            at = line + 1;
            if (at >= text.length() || text.charAt(at) != ' ' && text.charAt(at) != '\t') {
                return at;
            }
        }
    }

    /**
     * Returns the index of the colon after a field name: printable ASCII, optional blanks (RFC 5322, 4.5), colon.
     * Returns -1 if there is none.
     */
    private static int colon(String text, int from, int end) {
        int at = from;
        while (at < end && text.charAt(at) > ' ' && text.charAt(at) < 127 && text.charAt(at) != ':') {
            at++;
        }
        int name = at;
        while (at < end && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return name > from && at < end && text.charAt(at) == ':' ? at : -1;
    }

    public List<HeaderField> fields() {
        return fields;
    }

    /**
     * Returns the number of octets of all fields, which is the offset of the blank line, or of the body if that is
     * missing.
     */
    public int length() {
        return length;
    }

    /** Returns the fields with a name, from the top. */
    public List<HeaderField> all(String name) {
        return fields.stream().filter(field -> field.is(name)).toList();
    }

    /** Returns the first field with a name, or null. */
    public @Nullable HeaderField first(String name) {
        return fields.stream().filter(field -> field.is(name)).findFirst().orElse(null);
    }

    public boolean has(String name) {
        return first(name) != null;
    }

    /** Returns the header without one field, which is compared by identity. */
    public HeaderBlock without(HeaderField field) {
        return new HeaderBlock(fields.stream().filter(other -> other != field).toList(), length);
    }
}
