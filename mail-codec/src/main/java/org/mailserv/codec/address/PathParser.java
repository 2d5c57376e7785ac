package org.mailserv.codec.address;

import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * Parses the path at the beginning of the arguments of MAIL and RCPT. Accepts variations that real clients send:
 * leading blanks and missing angle brackets. Source routes are parsed and dropped. RFC 5321, 4.1.2, 4.1.3 and F.2.
 *
 * <p>Local parts that exist in practice are accepted although they do not conform: with leading, trailing or
 * consecutive dots, as carriers have assigned them, and longer than 64 octets, as VERP, SRS and mailing list
 * confirmations produce them. {@link PathForm#standard} reports whether an address conforms.
 */
public final class PathParser {
    /** Maximum octets of a local part according to RFC 5321, 4.5.3.1.1. */
    private static final int STANDARD_LOCAL_PART = 64;

    /** Maximum octets of an accepted local part. With a domain it still fits into a line of any header field. */
    private static final int MAX_LOCAL_PART = 512;

    private static final int MAX_DOMAIN = 255;

    private final String text;
    private int position;
    private boolean standard = true;
    private @Nullable Address address;
    private @Nullable String error;
    private boolean noSuchDomain;

    private PathParser(String text) {
        this.text = text;
    }

    /**
     * The parsed path and the text that follows it.
     *
     * @param address the address, or null for the null path or an error
     * @param error description of the error for the client, or null
     * @param noSuchDomain whether the error is a well-formed domain that is not a valid domain name
     * @param form the syntax in which the path was written
     * @param rest the text after the path, without leading blanks
     */
    public record Result(
            @Nullable Address address, @Nullable String error, boolean noSuchDomain, PathForm form, String rest) {}

    /** Parses a reverse-path: an address, a local part without a domain, or {@code <>}. */
    public static Result parseReversePath(String text) {
        return new PathParser(text).parse(true);
    }

    /** Parses a forward-path: an address or a local part without a domain, such as {@code <postmaster>}. */
    public static Result parseForwardPath(String text) {
        return new PathParser(text).parse(false);
    }

    /**
     * Parses a bare address, {@code local@domain}, that is the whole text.
     *
     * @return null if the text is not an address
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
        if (error == null && position < text.length() && peek() != ' ' && peek() != '\t') {
            error = "Malformed address (expected: a blank behind it)";
        }
        if (error != null) {
            return new Result(null, error, noSuchDomain, PathForm.STANDARD, "");
        }
        boolean utf8 = !Ascii.isAscii(text.substring(0, position));
        return new Result(address, null, false, new PathForm(utf8, standard), rest());
    }

    private String rest() {
        return text.substring(position).strip();
    }

    /** Skips a source route, {@code @a,@b:}. RFC 5321, C. */
    private void sourceRoute() {
        int colon = text.indexOf(':', position);
        int end = text.indexOf('>', position);
        if (colon < 0 || end >= 0 && colon > end) {
            error = "Malformed source route";
            return;
        }
        for (String hop : text.substring(position, colon).split(",", -1)) {
            if (!hop.startsWith("@") || !isDomain(hop.substring(1))) {
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
        int length = ByteBufUtil.utf8Bytes(localPart);
        if (length == 0) {
            error = "Empty local part";
            return;
        } else if (length > MAX_LOCAL_PART) {
            error = "Local part too long (expected: at most " + MAX_LOCAL_PART + " octets)";
            return;
        }
        standard &= length <= STANDARD_LOCAL_PART;
        if (peek() != '@') {
            // The caller decides who may omit the domain.
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
        standard &= LocalParts.isDotString(atoms);
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
        // A final dot does not change the name, so it is dropped.
        if (domain.endsWith(".") && domain.length() > 1) {
            domain = domain.substring(0, domain.length() - 1);
        }
        if (domain.isEmpty()) {
            error = "Empty domain";
        } else if (domain.length() > MAX_DOMAIN) {
            error = "Domain too long (expected: at most " + MAX_DOMAIN + " octets)";
        } else if (!isDomain(domain)) {
            noSuchDomain = DomainNames.isInternationalized(domain);
            error = noSuchDomain ? "Domain is not a valid internationalized name (IDNA2008)" : "Malformed domain";
        }
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

    /** Returns whether all labels are well-formed in the ASCII form of the name. RFC 5321, 4.1.2; RFC 1035, 2.3.4. */
    private static boolean isDomain(String domain) {
        String ascii = DomainNames.toAscii(domain);
        if (ascii == null) {
            return false;
        }
        for (String label : ascii.split("\\.", -1)) {
            if (label.startsWith("-")
                    || label.endsWith("-")
                    || !label.chars().allMatch(c -> isDomainCharacter((char) c))) {
                return false;
            }
        }
        return true;
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
}
