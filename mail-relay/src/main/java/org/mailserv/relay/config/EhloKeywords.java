package org.mailserv.relay.config;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The EHLO keywords that an operator can ignore. RFC 5321, 4.1.1.1. */
public final class EhloKeywords {
    private static final Set<String> KNOWN = Set.of(
            "8BITMIME",
            "AUTH",
            "BINARYMIME",
            "CHUNKING",
            "DELIVERBY",
            "DSN",
            "ENHANCEDSTATUSCODES",
            "ETRN",
            "HELP",
            "LIMITS",
            "MT-PRIORITY",
            "PIPELINING",
            "REQUIRETLS",
            "SIZE",
            "SMTPUTF8",
            "STARTTLS",
            "VRFY",
            "XCLIENT",
            "XFORWARD",
            // Accepted for compatibility with Postfix configurations, where it silences a log line.
            "SILENT-DISCARD");

    private EhloKeywords() {}

    /**
     * Checks a list of keywords.
     *
     * @param setting the name of the setting, for the error message
     * @throws IllegalArgumentException if one is not a known EHLO keyword
     */
    static List<String> checked(String setting, List<String> keywords) {
        for (String keyword : keywords) {
            if (!KNOWN.contains(keyword.toUpperCase(Locale.ROOT))) {
                String expected = new TreeSet<>(KNOWN)
                        .stream().map(k -> k.toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
                throw new IllegalArgumentException(
                        setting + ": \"" + keyword + "\" (expected: keywords of EHLO: " + expected + ")");
            }
        }
        return List.copyOf(keywords);
    }

    /** Returns the keywords in upper case. */
    public static Set<String> upperCase(List<String> keywords) {
        return keywords.stream()
                .map(keyword -> keyword.toUpperCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }
}
