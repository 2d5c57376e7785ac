package org.mailserv.app.log;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;

/**
 * The domains whose messages somebody may trace. A message that is sent from one of them is visible as a whole. Of a message to one of them
 * the sender and these recipients are visible, and no line that names somebody else. Texts of unknown clients are in the lines, so in doubt
 * a line is hidden.
 */
public final class TraceScope {
    /** The scope of all messages. */
    public static final TraceScope ALL = new TraceScope(null);

    static final String SUBJECT = " subject=\"";

    private static final Pattern SENDER = Pattern.compile("<([^<>\\s@\",]+@[^<>\\s@\",]+)> ");
    private static final Pattern RECIPIENT = Pattern.compile("<[^<>\\s@\",]+@([^<>\\s@\",]+)>");
    private static final Pattern DOMAIN = Pattern.compile("@([\\p{L}\\p{N}.\\[\\]:_-]*)|\\bdomain=(\\S+)");
    private static final Pattern ACCEPTED_END = Pattern.compile(" octets=\\d+$");

    private final @Nullable Predicate<String> domains;

    private TraceScope(@Nullable Predicate<String> domains) {
        this.domains = domains;
    }

    /** Returns the scope of the messages of domains, which are given in canonical form. */
    public static TraceScope of(Predicate<String> domains) {
        return new TraceScope(domains);
    }

    private static boolean sees(Predicate<String> own, String domain) {
        return own.test(DomainNames.canonical(domain));
    }

    /** Returns whether the visible part of a line, taken alone, passes a test. */
    boolean shows(String line, Predicate<String> test) {
        return visible(List.of(line)).stream().anyMatch(test);
    }

    /** Returns the visible part of the lines of one message; none if the message is not in the scope. */
    List<String> visible(List<String> lines) {
        Predicate<String> own = domains;
        if (own == null) {
            return lines;
        }
        String sender = lines.stream()
                .filter(TraceScope::isAccepted)
                .map(TraceScope::sender)
                .findFirst()
                .orElse("");
        if (!sender.isEmpty() && sees(own, sender.substring(sender.indexOf('@') + 1))) {
            return lines;
        }
        List<String> seen = new ArrayList<>();
        boolean named = false;
        for (String line : lines) {
            String rest = sender.isEmpty() ? line : line.replace("<" + sender + ">", "<>");
            String part = isAccepted(line) ? accepted(line, own) : namesOthers(rest, own) ? null : line;
            if (part != null) {
                seen.add(part);
                named |= isAccepted(line) || DOMAIN.matcher(rest).find();
            }
        }
        return named ? seen : List.of();
    }

    private static boolean isAccepted(String line) {
        int space = line.indexOf(' ');
        return line.startsWith("event=message-accepted ", space + 1);
    }

    /** Returns the sender if it is a plain address, otherwise an empty text. */
    private static String sender(String line) {
        int from = line.indexOf(" from=<");
        Matcher matcher = SENDER.matcher(line);
        return from >= 0
                        && matcher.region(from + " from=".length(), line.length())
                                .lookingAt()
                ? matcher.group(1)
                : "";
    }

    /** Returns the line of acceptance with the visible recipients, or null if there are none. */
    private static @Nullable String accepted(String line, Predicate<String> own) {
        int last = line.lastIndexOf(SUBJECT);
        boolean ends = last >= 0 && line.indexOf('"', last + SUBJECT.length()) == line.length() - 1;
        String subject = ends ? line.substring(last) : "";
        String rest = ends ? line.substring(0, last) : line;
        int to = rest.indexOf(" to=<");
        Matcher end = ACCEPTED_END.matcher(rest);
        if (to < 0 || !end.find()) {
            return null;
        }
        List<String> seen = new ArrayList<>();
        for (String recipient :
                rest.substring(to + " to=".length(), end.start()).split(",", -1)) {
            Matcher address = RECIPIENT.matcher(recipient);
            if (address.matches() && sees(own, address.group(1))) {
                seen.add(recipient);
            }
        }
        String head = rest.substring(0, to).replaceAll(" recipients=\\d+$", " recipients=" + seen.size());
        return seen.isEmpty() ? null : head + " to=" + String.join(",", seen) + end.group() + subject;
    }

    /** Returns whether a line names a domain that is not seen. */
    private static boolean namesOthers(String line, Predicate<String> own) {
        Matcher names = DOMAIN.matcher(line);
        while (names.find()) {
            String domain = names.group(1) == null ? names.group(2) : names.group(1);
            if (!sees(own, domain)) {
                return true;
            }
        }
        return false;
    }
}
