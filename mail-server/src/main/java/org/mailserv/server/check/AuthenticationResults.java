package org.mailserv.server.check;

/** Writes the field of that name. RFC 8601, 2.2. */
public final class AuthenticationResults {
    private final StringBuilder text;
    private boolean any;

    /** @param hostname the authserv-id */
    public AuthenticationResults(String hostname) {
        text = new StringBuilder(value(hostname));
    }

    /**
     * Adds a result.
     *
     * @param reason in words, or empty
     * @param properties names and values in turn; those without a value are left out
     */
    public AuthenticationResults add(String method, String result, String reason, String... properties) {
        text.append(";\r\n\t").append(method).append('=').append(result);
        if (!reason.isEmpty()) {
            text.append(" reason=\"")
                    .append(reason.replaceAll("[^ -~]|[\"\\\\]", "?"))
                    .append('"');
        }
        for (int i = 0; i + 1 < properties.length; i += 2) {
            if (!properties[i + 1].isEmpty()) {
                text.append(' ').append(properties[i]).append('=').append(value(properties[i + 1]));
            }
        }
        any = true;
        return this;
    }

    /** A token where it is one, else quoted: strangers must not write our header. */
    private static String value(String text) {
        if (text.matches("[A-Za-z0-9._@:\\[\\]+-]{1,255}")) {
            return text;
        }
        String safe = text.replaceAll("[^ -~]|[\"\\\\]", "?");
        return '"' + (safe.length() > 255 ? safe.substring(0, 255) : safe) + '"';
    }

    /** The field with its CRLF. */
    public String write() {
        return "Authentication-Results: " + value() + "\r\n";
    }

    /** What stands behind the colon. */
    public String value() {
        return text + (any ? "" : "; none");
    }
}
