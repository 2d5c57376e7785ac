package org.mailserv.codec.mime;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Content-Type field, as far as it decides how a part is encoded. RFC 2045, 5.
 *
 * @param type in lower case
 * @param subtype in lower case
 * @param boundary of a multipart, or null
 */
record ContentType(String type, String subtype, @Nullable String boundary) {
    private static final Pattern TYPE = Pattern.compile("\\s*([^\\s/;()]+)\\s*/\\s*([^\\s;()]+)");
    private static final Pattern BOUNDARY = Pattern.compile(
            ";\\s*boundary\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s;()]+))", Pattern.CASE_INSENSITIVE);
    static final ContentType TEXT = new ContentType("text", "plain", null);

    /** What cannot be read is text, as RFC 2045, 5.2 has it. */
    static ContentType of(@Nullable String value) {
        if (value == null) {
            return TEXT;
        }
        Matcher type = TYPE.matcher(value);
        if (!type.lookingAt()) {
            return TEXT;
        }
        Matcher found = BOUNDARY.matcher(value);
        String boundary = null;
        if (found.find()) {
            boundary = found.group(1) != null ? found.group(1).replaceAll("\\\\(.)", "$1") : found.group(2);
        }
        return new ContentType(
                type.group(1).toLowerCase(Locale.ROOT), type.group(2).toLowerCase(Locale.ROOT), boundary);
    }

    boolean isMultipart() {
        return type.equals("multipart") && boundary != null;
    }

    /** Whether a change to what is in it would make a signature wrong. RFC 1847, 2. */
    boolean isSealed() {
        return type.equals("multipart") && (subtype.equals("signed") || subtype.equals("encrypted"));
    }

    boolean isMessage() {
        return type.equals("message") && (subtype.equals("rfc822") || subtype.equals("global"));
    }

    /** Whether this is a piece of a message, or a reference to one, which may not be encoded. RFC 2046, 5.2.2. */
    boolean isFragment() {
        return type.equals("message") && subtype.equals("partial");
    }

    boolean isText() {
        return type.equals("text");
    }
}
