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

/** The extensions that a server offers in its EHLO reply. RFC 5321, 4.1.1.1. */
public final class ServerCapabilities {
    /** No extensions, as after HELO. */
    public static final ServerCapabilities NONE = new ServerCapabilities(Map.of());

    private final Map<String, List<String>> keywords;

    private ServerCapabilities(Map<String, List<String>> keywords) {
        this.keywords = keywords;
    }

    /** Parses an EHLO reply. Its first line is the greeting. */
    public static ServerCapabilities of(SmtpReply reply) {
        Map<String, List<String>> keywords = new HashMap<>();
        List<String> lines = reply.lines();
        for (String line : lines.subList(1, lines.size())) {
            // Old servers write "AUTH=LOGIN".
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

    /** Returns the capabilities without some keywords. */
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

    /** Returns the parameters of a keyword in upper case. */
    public Set<String> words(String keyword) {
        return Set.copyOf(keywords.getOrDefault(keyword, List.of()).stream()
                .map(word -> word.toUpperCase(Locale.ROOT))
                .toList());
    }

    /** Returns the maximum message size in octets, or 0 if no limit is known. RFC 1870, 3. */
    public long maxSize() {
        List<String> words = keywords.getOrDefault("SIZE", List.of());
        try {
            return words.isEmpty() ? 0 : Math.max(0, Long.parseLong(words.get(0)));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Returns a limit of RFC 9422, such as {@code RCPTMAX}, or the default if the server declares none. */
    public int limit(String name, int otherwise) {
        for (String word : words("LIMITS")) {
            if (word.startsWith(name + "=") && word.matches("[A-Z]+=[1-9][0-9]{0,5}")) {
                return Integer.parseInt(word.substring(name.length() + 1));
            }
        }
        return otherwise;
    }
}
