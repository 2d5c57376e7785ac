package org.mailserv.relay.smtp;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.mailserv.codec.smtp.SmtpReply;

/** What a server offers, by its reply to EHLO. RFC 5321, 4.1.1.1. */
public final class ServerCapabilities {
    /** After HELO: nothing. */
    public static final ServerCapabilities NONE = new ServerCapabilities(Map.of());

    private final Map<String, List<String>> keywords;

    private ServerCapabilities(Map<String, List<String>> keywords) {
        this.keywords = keywords;
    }

    /** Reads a reply to EHLO; its first line is a greeting. */
    public static ServerCapabilities of(SmtpReply reply) {
        Map<String, List<String>> keywords = new HashMap<>();
        List<String> lines = reply.lines();
        for (String line : lines.subList(1, lines.size())) {
            // "AUTH=LOGIN" is how servers of the nineties wrote it.
            String[] words = line.strip().replaceFirst("(?i)^AUTH=", "AUTH ").split("\\s+");
            if (!words[0].isEmpty()) {
                keywords.merge(
                        words[0].toUpperCase(Locale.ROOT),
                        Arrays.asList(words).subList(1, words.length),
                        (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
            }
        }
        return new ServerCapabilities(keywords);
    }

    /** Returns what is left when some keywords are taken as not offered. */
    ServerCapabilities without(Collection<String> discarded) {
        if (discarded.isEmpty()) {
            return this;
        }
        Map<String, List<String>> left = new HashMap<>(keywords);
        discarded.forEach(keyword -> left.remove(keyword.toUpperCase(Locale.ROOT)));
        return new ServerCapabilities(left);
    }

    public boolean has(String keyword) {
        return keywords.containsKey(keyword);
    }

    /** The words behind a keyword in upper case. */
    public Set<String> words(String keyword) {
        return Set.copyOf(keywords.getOrDefault(keyword, List.of()).stream()
                .map(word -> word.toUpperCase(Locale.ROOT))
                .toList());
    }

    /** Most octets of a message, 0 for no limit that is known. RFC 1870, 3. */
    public long maxSize() {
        List<String> words = keywords.getOrDefault("SIZE", List.of());
        try {
            return words.isEmpty() ? 0 : Math.max(0, Long.parseLong(words.get(0)));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** A limit of RFC 9422, such as {@code RCPTMAX}, or the given one where there is none. */
    public int limit(String name, int otherwise) {
        for (String word : words("LIMITS")) {
            if (word.startsWith(name + "=") && word.matches("[A-Z]+=[1-9][0-9]{0,5}")) {
                return Integer.parseInt(word.substring(name.length() + 1));
            }
        }
        return otherwise;
    }
}
