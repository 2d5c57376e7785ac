package org.mailserv.codec.header;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.header.AddressTokens.Kind;
import org.mailserv.codec.header.AddressTokens.Token;

/**
 * Parses an address list as leniently as mail readers do. Accepts comments, blanks around {@code @} and dots, groups,
 * source routes, {@code mailto:}, and missing brackets and commas. Records whether the list violates the grammar.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-3.4">RFC 5322, 3.4 and 4.4</a>
 */
final class AddressParser {
    private final List<Mailbox> mailboxes = new ArrayList<>();
    private final Set<String> domains = new LinkedHashSet<>();
    private final List<Token> outside = new ArrayList<>();
    private final List<List<Token>> angles = new ArrayList<>();
    private boolean inAngle;
    private boolean malformed;

    /**
     * A mailbox.
     *
     * @param localPart the local part without quoting, in any form
     * @param domain the domain as written, without blanks; a literal with its brackets; empty for a bare name
     */
    record Mailbox(String localPart, String domain) {}

    private AddressParser(AddressTokens read) {
        malformed = read.isMalformed();
        for (Token token : read.tokens()) {
            take(token);
        }
        malformed |= inAngle;
        endEntry();
    }

    /**
     * Parses the value of a field.
     *
     * @param value the unfolded value
     */
    static AddressParser parse(String value) {
        return new AddressParser(AddressTokens.read(value));
    }

    /** Returns the mailboxes in order. */
    List<Mailbox> mailboxes() {
        return mailboxes;
    }

    /** Returns the text after every {@code @}, even where it is not part of a valid mailbox. */
    Set<String> domains() {
        return domains;
    }

    /** Returns whether another reader may see different addresses in the field. */
    boolean isMalformed() {
        return malformed;
    }

    private void take(Token token) {
        if (inAngle) {
            inAngle(token);
        } else if (token.is('<')) {
            inAngle = true;
            angles.add(new ArrayList<>());
        } else if (token.is(',') || token.is(';')) {
            endEntry();
        } else if (token.is(':')) {
            // The preceding text is the name of a group, or mailto.
            boolean name = outside.stream().noneMatch(other -> other.is('@')) && angles.isEmpty();
            malformed |= !name;
            if (name) {
                outside.clear();
            }
            endEntry();
        } else {
            malformed |= token.is('>');
            outside.add(token);
        }
    }

    private void inAngle(Token token) {
        List<Token> angle = angles.get(angles.size() - 1);
        boolean route = !angle.isEmpty() && angle.get(0).is('@');
        if (token.is('>')) {
            inAngle = false;
        } else if (token.is('<')) {
            malformed = true;
            angles.add(new ArrayList<>());
        } else if ((token.is(',') || token.is(';')) && !route && !angle.isEmpty()) {
            // The closing bracket is missing.
            malformed = true;
            inAngle = false;
            endEntry();
        } else {
            angle.add(token);
        }
    }

    private void endEntry() {
        int before = mailboxes.size();
        boolean at = outside.stream().anyMatch(token -> token.is('@'));
        for (List<Token> angle : angles) {
            addresses(withoutRoute(angle), true);
        }
        if (!angles.isEmpty()) {
            malformed |= angles.size() > 1 || at;
        }
        if (at && mailboxes.size() == before || angles.isEmpty()) {
            addresses(outside, false);
        } else if (at) {
            noteDomains(outside);
        }
        angles.clear();
        outside.clear();
    }

    /** Removes a source route, {@code @a,@b:}, and {@code mailto:}. */
    private List<Token> withoutRoute(List<Token> angle) {
        int colon = -1;
        for (int i = 0; i < angle.size(); i++) {
            colon = angle.get(i).is(':') ? i : colon;
        }
        boolean route = colon > 0 && angle.get(0).is('@');
        malformed |= colon >= 0 && !route;
        return angle.subList(colon + 1, angle.size());
    }

    private void addresses(List<Token> tokens, boolean bracketed) {
        List<Mailbox> found = new ArrayList<>();
        int free = 0;
        boolean overlapping = false;
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).is('@')) {
                int start = startOfLocalPart(tokens, i);
                int end = endOfDomain(tokens, i + 1);
                String domain = text(tokens.subList(i + 1, end));
                domain = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
                String local = text(tokens.subList(start, i));
                overlapping |= start < free;
                malformed |= start > free || local.contains("@") || local.contains("=?") || isOdd(domain);
                malformed |= local.isEmpty() || hasSpacedDots(tokens.subList(i + 1, end));
                found.add(new Mailbox(local, domain));
                domains.add(domain);
                free = end;
            }
        }
        malformed |= found.size() > 1 || overlapping || !found.isEmpty() && free < tokens.size();
        if (!overlapping) {
            found.stream().filter(one -> !one.localPart().isEmpty()).forEach(mailboxes::add);
        }
        if (found.isEmpty()) {
            bareName(tokens, bracketed);
        }
    }

    private void noteDomains(List<Token> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).is('@')) {
                domains.add(text(tokens.subList(i + 1, endOfDomain(tokens, i + 1))));
            }
        }
    }

    private void bareName(List<Token> tokens, boolean bracketed) {
        int start = tokens.isEmpty() ? 0 : startOfLocalPart(tokens, tokens.size());
        String name = text(tokens);
        if (!name.isEmpty() && start == 0) {
            mailboxes.add(new Mailbox(name, ""));
        }
        malformed |= bracketed && start > 0;
    }

    /** Returns the index where the local part before an {@code @} starts: words that are adjacent or joined by dots. */
    private static int startOfLocalPart(List<Token> tokens, int at) {
        int start = at;
        while (start > 0) {
            Token token = tokens.get(start - 1);
            boolean joins = start == at
                    || token.is('.')
                    || tokens.get(start).is('.')
                    || !tokens.get(start).spaced();
            if (!token.isWord() && !token.is('.') || !joins) {
                break;
            }
            start--;
        }
        return start;
    }

    private static int endOfDomain(List<Token> tokens, int from) {
        if (from < tokens.size() && tokens.get(from).kind() == Kind.LITERAL) {
            return from + 1;
        }
        int end = from;
        while (end < tokens.size()) {
            Token token = tokens.get(end);
            boolean joins = end == from || token.is('.') || tokens.get(end - 1).is('.') || !token.spaced();
            if (!token.isWord() && !token.is('.') || !joins) {
                break;
            }
            end++;
        }
        return end;
    }

    private static boolean hasSpacedDots(List<Token> domain) {
        for (int i = 1; i < domain.size(); i++) {
            if (domain.get(i).spaced()) {
                return true;
            }
        }
        return false;
    }

    private static String text(List<Token> tokens) {
        StringBuilder text = new StringBuilder();
        tokens.forEach(token -> text.append(token.text()));
        return text.toString();
    }

    /** Returns whether a domain is neither a domain name nor an address literal. */
    private static boolean isOdd(String domain) {
        return domain.startsWith("[") ? PathParser.parseAddress("x@" + domain) == null : !DomainScan.isName(domain);
    }
}
