package org.mailserv.codec.address;

import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * Reads the path at the beginning of the arguments of MAIL and RCPT, with the variations that real clients send: blanks before
 * it, and no angle brackets. Source routes are read and dropped. RFC 5321, 4.1.2, 4.1.3 and F.2.
 */
public final class PathParser {
    private static final int MAX_LOCAL_PART = 64;
    private static final int MAX_DOMAIN = 255;
    private static final int MAX_LABEL = 63;

    private final String text;
    private int position;
    private @Nullable Address address;
    private @Nullable String error;

    private PathParser(String text) {
        this.text = text;
    }

    /**
     * What was read.
     *
     * @param address the address, null for the null path or where there is an error
     * @param error what is wrong, in words for the client, or null
     * @param rest what stands behind the path, without leading blanks
     */
    public record Result(
            @Nullable Address address, @Nullable String error, String rest) {}

    /** Reads a reverse-path: an address or {@code <>}. */
    public static Result parseReversePath(String text) {
        return new PathParser(text).parse(true);
    }

    /** Reads a forward-path: an address or {@code <postmaster>}. */
    public static Result parseForwardPath(String text) {
        return new PathParser(text).parse(false);
    }

    /**
     * Reads a bare address, {@code local@domain}, with nothing around it.
     *
     * @return null where the text is none
     */
    public static @Nullable Address parseAddress(String text) {
        PathParser parser = new PathParser(text);
        parser.mailbox();
        return parser.error == null && parser.position == text.length() ? parser.address : null;
    }

    private Result parse(boolean reverse) {
        skipBlanks();
        boolean brackets = peek() == '<';
        if (brackets) {
            position++;
        }
        if (brackets && peek() == '>') {
            if (!reverse) {
                error = "Empty path (expected: <local-part@domain>)";
            }
        } else if (position == text.length()) {
            error = "No address (expected: <local-part@domain>)";
        } else {
            if (peek() == '@') {
                sourceRoute();
            }
            if (error == null) {
                mailbox();
            }
        }
        if (error == null && brackets) {
            if (peek() == '>') {
                position++;
            } else {
                error = "Malformed address (expected: > behind it)";
            }
        }
        if (error == null && position < text.length() && peek() != ' ') {
            error = "Malformed address (expected: a blank behind it)";
        }
        if (error == null && address != null && address.domain().isEmpty() && (reverse || !address.isPostmaster())) {
            error = "Address without a domain (expected: <local-part@domain>)";
        }
        return error != null ? new Result(null, error, "") : new Result(address, null, rest());
    }

    private String rest() {
        return text.substring(position).strip();
    }

    /** {@code @a,@b:}, which is taken and ignored. RFC 5321, C. */
    private void sourceRoute() {
        int colon = text.indexOf(':', position);
        int end = text.indexOf('>', position);
        if (colon < 0 || end >= 0 && colon > end) {
            error = "Malformed source route";
            return;
        }
        for (String hop : text.substring(position, colon).split(",", -1)) {
            if (!hop.startsWith("@") || domainError(hop.substring(1)) != null) {
                error = "Malformed source route";
                return;
            }
        }
        position = colon + 1;
    }

    private void mailbox() {
        String localPart = peek() == '"' ? quotedString() : dotString();
        if (error != null) {
            return;
        }
        if (localPart.isEmpty()) {
            error = "Empty local part";
        } else if (utf8Length(localPart) > MAX_LOCAL_PART) {
            error = "Local part too long (expected: at most 64 octets)";
        }
        if (error != null) {
            return;
        }
        if (peek() != '@') {
            // Only postmaster may stand without a domain: the caller looks.
            address = new Address(localPart, "");
            return;
        }
        position++;
        String domain = peek() == '[' ? literal() : domain();
        if (error == null) {
            address = new Address(localPart, domain);
        }
    }

    private String dotString() {
        int start = position;
        while (position < text.length()
                && (text.charAt(position) == '.' || LocalParts.isAtext(text.charAt(position)))) {
            position++;
        }
        String atoms = text.substring(start, position);
        if (!atoms.isEmpty() && !LocalParts.isDotString(atoms)) {
            error = "Malformed local part (a dot at its end or two in a row)";
        }
        return atoms;
    }

    private String quotedString() {
        StringBuilder content = new StringBuilder();
        position++;
        while (position < text.length()) {
            char c = text.charAt(position++);
            if (c == '"') {
                return content.toString();
            }
            if (c == '\\' && position < text.length()) {
                c = text.charAt(position++);
            }
            if (c < ' ' || c == 127) {
                break;
            }
            content.append(c);
        }
        error = "Malformed quoted local part";
        return "";
    }

    private String domain() {
        int start = position;
        while (position < text.length() && isDomainCharacter(text.charAt(position))) {
            position++;
        }
        String domain = text.substring(start, position);
        // A final dot makes the name no other name: dropped, as everybody does.
        if (domain.endsWith(".") && domain.length() > 1) {
            domain = domain.substring(0, domain.length() - 1);
        }
        error = domainError(domain);
        return domain;
    }

    private static boolean isDomainCharacter(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '-'
                || c == '.'
                || c == '_'
                || c >= 0xA0;
    }

    private static @Nullable String domainError(String domain) {
        if (domain.isEmpty()) {
            return "Empty domain";
        }
        if (utf8Length(domain) > MAX_DOMAIN) {
            return "Domain too long (expected: at most 255 octets)";
        }
        int start = 0;
        int dot;
        do {
            dot = domain.indexOf('.', start);
            if (!isLabel(domain, start, dot < 0 ? domain.length() : dot)) {
                return "Malformed domain";
            }
            start = dot + 1;
        } while (dot >= 0);
        return null;
    }

    private static boolean isLabel(String domain, int start, int end) {
        if (start == end || domain.charAt(start) == '-' || domain.charAt(end - 1) == '-') {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (!isDomainCharacter(domain.charAt(i))) {
                return false;
            }
        }
        return ByteBufUtil.utf8Bytes(domain, start, end) <= MAX_LABEL;
    }

    private String literal() {
        int end = text.indexOf(']', position);
        if (end < 0) {
            error = "Malformed address literal (expected: ])";
            return "";
        }
        String inside = text.substring(position + 1, end);
        if (!AddressLiterals.isValid(inside)) {
            error = "Malformed address literal";
        }
        String literal = text.substring(position, end + 1);
        position = end + 1;
        return literal;
    }

    private void skipBlanks() {
        while (position < text.length() && (text.charAt(position) == ' ' || text.charAt(position) == '\t')) {
            position++;
        }
    }

    private char peek() {
        return position < text.length() ? text.charAt(position) : '\0';
    }

    private static int utf8Length(String text) {
        return ByteBufUtil.utf8Bytes(text);
    }
}
