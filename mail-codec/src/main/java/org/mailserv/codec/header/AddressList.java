package org.mailserv.codec.header;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;

/**
 * The addresses in a From, To, Cc or Bcc field: display names, comments, groups and routes are passed over, what is no address is left out.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-3.4">RFC 5322, 3.4</a>
 */
public final class AddressList {
    private AddressList() {}

    /**
     * Reads the value of a field.
     *
     * @param defaultDomain for local names without a domain
     */
    public static List<Address> parse(String value, String defaultDomain) {
        List<Address> addresses = new ArrayList<>();
        Scanner scanner = new Scanner(value);
        for (String part = scanner.next(); part != null; part = scanner.next()) {
            String text = part.strip();
            if (!text.isEmpty()) {
                Address address = PathParser.parseAddress(text.indexOf('@') >= 0 ? text : text + "@" + defaultDomain);
                if (address != null) {
                    addresses.add(address);
                }
            }
        }
        return addresses;
    }

    /** Gives the text of one address after the other. */
    private static final class Scanner {
        private final String value;
        private int at;

        Scanner(String value) {
            this.value = value;
        }

        @Nullable
        String next() {
            if (at >= value.length()) {
                return null;
            }
            StringBuilder text = new StringBuilder();
            while (at < value.length()) {
                char c = value.charAt(at++);
                switch (c) {
                    case ',', ';' -> {
                        return text.toString();
                    }
                    // What stood before is the name of a group.
                    case ':' -> text.setLength(0);
                    case '(' -> comment();
                    case '"' -> quoted(text);
                    case '<' -> {
                        text.setLength(0);
                        angle(text);
                        rest();
                        return text.toString();
                    }
                    default -> text.append(c);
                }
            }
            return text.toString();
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
        }

        private void quoted(StringBuilder text) {
            text.append('"');
            while (at < value.length()) {
                char c = value.charAt(at++);
                text.append(c);
                if (c == '\\' && at < value.length()) {
                    text.append(value.charAt(at++));
                } else if (c == '"') {
                    return;
                }
            }
        }

        private void angle(StringBuilder text) {
            while (at < value.length()) {
                char c = value.charAt(at++);
                if (c == '>') {
                    return;
                } else if (c == '"') {
                    quoted(text);
                } else if (c == ':' && text.length() > 0 && text.charAt(0) == '@') {
                    // A source route: RFC 5322, 4.4.
                    text.setLength(0);
                } else {
                    text.append(c);
                }
            }
        }

        private void rest() {
            while (at < value.length() && value.charAt(at) != ',' && value.charAt(at) != ';') {
                if (value.charAt(at++) == '(') {
                    comment();
                }
            }
            at++;
        }
    }
}
