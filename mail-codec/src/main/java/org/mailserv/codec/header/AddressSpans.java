package org.mailserv.codec.header;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;

/**
 * Finds the addresses in the raw value of a field and their positions, so that a domain can be added to those without
 * one. Skips display names, comments, group names and routes, and drops blanks around {@code @} and dots.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-3.4">RFC 5322, 3.4 and 4.4</a>
 */
public final class AddressSpans {
    /**
     * An address, or the text in its place.
     *
     * @param text the address without comments and blanks, one octet per char; words that are not an address are
     *     separated by a blank
     * @param end offset after its last char
     */
    public record Span(String text, int end) {
        /**
         * Returns the address, or null if the text is not one. Octets above 127 are decoded as UTF-8.
         *
         * @param domain domain for a local part without one; empty to omit it
         */
        public @Nullable Address address(String domain) {
            String decoded = new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            return PathParser.parseAddress(isBare() && !domain.isEmpty() ? decoded + "@" + domain : decoded);
        }

        /** Returns whether this is a local part without a domain. */
        public boolean isBare() {
            return text.startsWith("\"")
                    ? text.indexOf('"', 1) == text.length() - 1
                    : text.chars().noneMatch(c -> c == '@' || c <= ' ' || c == '"');
        }
    }

    private final String value;
    private final List<Span> found = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private int at;
    private int end;
    private boolean gap;

    private AddressSpans(String value) {
        this.value = value;
    }

    /**
     * Returns the addresses in a raw value.
     *
     * @param rawValue the value with its folds, one octet per char
     */
    public static List<Span> find(String rawValue) {
        AddressSpans spans = new AddressSpans(rawValue);
        spans.list();
        return spans.found;
    }

    /** Returns the value with a domain added to each address that has none. */
    public static String qualify(String rawValue, String domain) {
        StringBuilder qualified = new StringBuilder(rawValue);
        List<Span> spans = find(rawValue);
        for (int i = spans.size() - 1; i >= 0; i--) {
            if (spans.get(i).isBare()) {
                qualified.insert(spans.get(i).end(), "@" + domain);
            }
        }
        return qualified.toString();
    }

    private void list() {
        while (at < value.length()) {
            char c = value.charAt(at++);
            switch (c) {
                case ',', ';' -> flush();
                case ':' -> reset();
                case '(' -> comment();
                case '"' -> quoted();
                case '[' -> literal();
                case '<' -> angle();
                case ' ', '\t', '\r', '\n' -> gap = text.length() > 0;
                default -> append(c);
            }
        }
        flush();
    }

    private void append(char c) {
        boolean joins = c == '@'
                || c == '.'
                || text.toString().endsWith("@")
                || text.toString().endsWith(".");
        if (gap && !joins) {
            text.append(' ');
        }
        gap = false;
        text.append(c);
        end = at;
    }

    private void reset() {
        text.setLength(0);
        gap = false;
    }

    private void flush() {
        if (text.length() > 0) {
            found.add(new Span(text.toString(), end));
        }
        reset();
    }

    private void comment() {
        int depth = 1;
        while (at < value.length() && depth > 0) {
            char c = value.charAt(at++);
            if (c == '\\') {
                at++;
            } else {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            }
        }
        at = Math.min(at, value.length());
        gap = text.length() > 0;
    }

    private void quoted() {
        append('"');
        while (at < value.length()) {
            char c = value.charAt(at++);
            text.append(c);
            if (c == '\\' && at < value.length()) {
                text.append(value.charAt(at++));
            } else if (c == '"') {
                break;
            }
        }
        end = at;
    }

    private void literal() {
        append('[');
        while (at < value.length() && !text.toString().endsWith("]")) {
            text.append(value.charAt(at++));
        }
        end = at;
    }

    /** Handles an opening angle bracket, which shows that the preceding text was a display name. */
    private void angle() {
        reset();
        boolean open = true;
        while (open && at < value.length()) {
            char c = value.charAt(at++);
            switch (c) {
                case '>' -> open = false;
                case '"' -> quoted();
                case '[' -> literal();
                case '(' -> comment();
                case ':' -> reset();
                case ' ', '\t', '\r', '\n' -> gap = text.length() > 0;
                default -> append(c);
            }
        }
        flush();
        while (at < value.length() && value.charAt(at) != ',' && value.charAt(at) != ';') {
            if (value.charAt(at++) == '(') {
                comment();
            }
        }
        at = Math.min(at + 1, value.length());
        reset();
    }
}
