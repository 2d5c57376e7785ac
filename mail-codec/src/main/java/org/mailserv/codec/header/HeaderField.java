package org.mailserv.codec.header;

import java.nio.charset.StandardCharsets;

/**
 * A header field as it appears in the message.
 *
 * @param name the name as written, without trailing blanks
 * @param raw the whole field with its folds and its CRLF, one octet per char (ISO-8859-1)
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-2.2">RFC 5322, 2.2</a>
 */
public record HeaderField(String name, String raw) {
    /** Returns whether the field has the name, ignoring case. */
    public boolean is(String wanted) {
        return name.equalsIgnoreCase(wanted);
    }

    /** Returns the text after the colon unchanged, including its CRLF. */
    public String rawValue() {
        return raw.substring(raw.indexOf(':') + 1);
    }

    /**
     * Returns the text after the colon, unfolded and without surrounding blanks. Octets above 127 are decoded as
     * UTF-8. RFC 5322, 2.2.3.
     */
    public String value() {
        String unfolded = rawValue().replace("\r\n", "").replace("\n", "").strip();
        return new String(unfolded.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
