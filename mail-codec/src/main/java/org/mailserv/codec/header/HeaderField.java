package org.mailserv.codec.header;

import java.nio.charset.StandardCharsets;

/**
 * One field of a header as it stands in the message.
 *
 * @param name as written, without blanks behind it
 * @param raw the whole field with its folds and its CRLF, a char an octet (ISO-8859-1)
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-2.2">RFC 5322, 2.2</a>
 */
public record HeaderField(String name, String raw) {
    /** Whether this is a field of the name, in any case. */
    public boolean is(String wanted) {
        return name.equalsIgnoreCase(wanted);
    }

    /** What stands behind the colon, as it is, with its CRLF. */
    public String rawValue() {
        return raw.substring(raw.indexOf(':') + 1);
    }

    /** What stands behind the colon: unfolded, without blanks around it, octets over 127 taken for UTF-8. RFC 5322, 2.2.3. */
    public String value() {
        String unfolded = rawValue().replace("\r\n", "").replace("\n", "").strip();
        return new String(unfolded.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
