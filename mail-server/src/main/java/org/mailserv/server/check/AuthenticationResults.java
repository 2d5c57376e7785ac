package org.mailserv.server.check;

import java.util.List;
import java.util.Map;

/** An Authentication-Results field. RFC 8601, 2.2. */
public final class AuthenticationResults {
    private static final int MAX_VALUE = 255;

    private final String value;

    /** @param hostname the authserv-id of this server */
    public AuthenticationResults(String hostname, List<AuthenticationResult> results) {
        StringBuilder text = new StringBuilder(value(hostname));
        results.forEach(result -> append(text, result));
        this.value = results.isEmpty() ? text.append("; none").toString() : text.toString();
    }

    private static void append(StringBuilder text, AuthenticationResult one) {
        text.append(";\r\n\t")
                .append(one.method().keyword())
                .append('=')
                .append(one.result().word());
        if (!one.reason().isEmpty()) {
            text.append(" reason=\"").append(printable(one.reason())).append('"');
        }
        for (Map.Entry<String, String> property : one.properties().entrySet()) {
            if (!property.getValue().isEmpty()) {
                text.append(' ').append(property.getKey()).append('=').append(value(property.getValue()));
            }
        }
    }

    /** Returns a token as it is, and anything else quoted, since most values come from unknown clients. */
    private static String value(String text) {
        if (text.matches("[A-Za-z0-9._@:\\[\\]+-]{1,255}")) {
            return text;
        }
        String safe = printable(text);
        return '"' + (safe.length() > MAX_VALUE ? safe.substring(0, MAX_VALUE) : safe) + '"';
    }

    private static String printable(String text) {
        return text.replaceAll("[^ -~]|[\"\\\\]", "?");
    }

    /** Returns the field with its CRLF. */
    public String field() {
        return "Authentication-Results: " + value + "\r\n";
    }

    /** Returns the value of the field, without the CRLF. */
    public String value() {
        return value;
    }
}
