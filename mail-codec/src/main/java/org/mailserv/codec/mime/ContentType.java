package org.mailserv.codec.mime;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a Content-Type field that determine the encoding of a part. RFC 2045, 5.
 *
 * @param type in lower case
 * @param subtype in lower case
 * @param boundary boundary of a multipart, or null
 */
record ContentType(String type, String subtype, @Nullable String boundary) {
    private static final Pattern TYPE = Pattern.compile("\\s*([^\\s/;()]+)\\s*/\\s*([^\\s;()]+)");
    private static final Pattern BOUNDARY = Pattern.compile(
            ";\\s*boundary\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s;()]+))", Pattern.CASE_INSENSITIVE);
    static final ContentType TEXT = new ContentType("text", "plain", null);

    /** Parses the value of a field. A missing or malformed value is treated as text, as RFC 2045, 5.2 requires. */
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

    /** Returns whether a change to the content would invalidate a signature. RFC 1847, 2. */
    boolean isSealed() {
        return type.equals("multipart") && (subtype.equals("signed") || subtype.equals("encrypted"));
    }

    boolean isMessage() {
        return type.equals("message") && (subtype.equals("rfc822") || subtype.equals("global"));
    }

    /**
     * Returns whether this is a message fragment or a reference to an external body, which must not be encoded. RFC
     * 2046, 5.2.2.
     */
    boolean isFragment() {
        return type.equals("message") && subtype.equals("partial");
    }

    boolean isText() {
        return type.equals("text");
    }
}
