package org.mailserv.codec.header;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header of a message, field by field. A line that is no field and continues none ends it, as the blank line does: what mail programs do
 * with messages that begin with their text.
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

    /** Reads a header from the beginning of a message; lines end in CRLF or LF. */
    public static HeaderBlock read(byte[] octets) {
        return read(new String(octets, StandardCharsets.ISO_8859_1));
    }

    /** The same with a char an octet. */
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

    /** Where the name ends: printable ASCII, then perhaps blanks (RFC 5322, 4.5), then the colon. */
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

    /** Octets of all fields: there the blank line stands, or the body without one. */
    public int length() {
        return length;
    }

    /** The fields of a name, from the top. */
    public List<HeaderField> all(String name) {
        return fields.stream().filter(field -> field.is(name)).toList();
    }

    /** The first field of a name, or null. */
    public @Nullable HeaderField first(String name) {
        return fields.stream().filter(field -> field.is(name)).findFirst().orElse(null);
    }

    public boolean has(String name) {
        return first(name) != null;
    }

    /** The same without one field, which is told by identity. */
    public HeaderBlock without(HeaderField field) {
        return new HeaderBlock(fields.stream().filter(other -> other != field).toList(), length);
    }
}
