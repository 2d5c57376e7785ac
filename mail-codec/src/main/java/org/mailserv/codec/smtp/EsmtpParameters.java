package org.mailserv.codec.smtp;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters after the path of MAIL or RCPT, in order, with keywords in upper case and values still encoded in
 * xtext.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2">RFC 5321, 4.1.2 (esmtp-param)</a>
 */
public final class EsmtpParameters {
    /** No parameters. */
    public static final EsmtpParameters NONE = new EsmtpParameters(Map.of());

    private final Map<String, String> values;

    private EsmtpParameters(Map<String, String> values) {
        this.values = values;
    }

    /** Returns the parameters of a map from keyword to value. An empty value denotes a keyword without one. */
    public static EsmtpParameters of(Map<String, String> values) {
        if (values.isEmpty()) {
            return NONE;
        }
        Map<String, String> upper = new LinkedHashMap<>();
        values.forEach((keyword, value) -> upper.put(keyword.toUpperCase(Locale.ROOT), value));
        return new EsmtpParameters(upper);
    }

    /** Returns the raw value, empty for a keyword without one, or null if the keyword is absent. */
    public @Nullable String get(String keyword) {
        return values.get(keyword);
    }

    public boolean has(String keyword) {
        return values.containsKey(keyword);
    }

    public Set<String> keywords() {
        return values.keySet();
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        values.forEach((keyword, value) -> {
            text.append(text.length() == 0 ? "" : " ").append(keyword);
            if (!value.isEmpty()) {
                text.append('=').append(value);
            }
        });
        return text.toString();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EsmtpParameters parameters && parameters.values.equals(values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }
}
