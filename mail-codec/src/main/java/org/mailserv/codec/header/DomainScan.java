package org.mailserv.codec.header;

import java.util.Set;

/** Finds domains in text that cannot be parsed: any text with a dot that follows an {@code @}. */
final class DomainScan {
    private static final String SKIPPED = "\"'`<([{";

    private DomainScan() {}

    /** Adds the domains that occur in a text, as written. */
    static void find(String text, Set<String> domains) {
        for (int at = nextAt(text, 0); at >= 0; at = nextAt(text, at + 1)) {
            int start = at + 1;
            while (start < text.length() && (isBlank(text.charAt(start)) || SKIPPED.indexOf(text.charAt(start)) >= 0)) {
                start++;
            }
            int end = start;
            while (end < text.length() && (isDot(text.charAt(end)) || isLetter(text.charAt(end)))) {
                end++;
            }
            add(text.substring(start, end), domains);
        }
    }

    private static void add(String run, Set<String> domains) {
        int start = 0;
        int end = run.length();
        while (start < end && isDot(run.charAt(start))) {
            start++;
        }
        while (end > start && isDot(run.charAt(end - 1))) {
            end--;
        }
        String domain = run.substring(start, end);
        if (domain.chars().anyMatch(c -> isDot((char) c)) && isName(domain)) {
            domains.add(domain);
        }
    }

    private static int nextAt(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '@' || c == '\uFF20' || c == '\uFE6B') {
                return i;
            }
        }
        return -1;
    }

    /** Returns whether a text consists only of labels and is not an IPv4 address. */
    static boolean isName(String text) {
        return !text.isEmpty()
                && text.chars().allMatch(c -> isDot((char) c) || isLetter((char) c))
                && text.chars().anyMatch(c -> !isDot((char) c) && (c < '0' || c > '9'));
    }

    private static boolean isBlank(char c) {
        return c <= ' ' || c == 127 || Character.isSpaceChar(c);
    }

    /** Returns whether IDNA treats a character as a label separator. RFC 5895, 2; UTS 46, 4.5. */
    private static boolean isDot(char c) {
        return c == '.' || c == '\u3002' || c == '\uFF0E' || c == '\uFF61';
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '-'
                || c == '_'
                || c >= 0xA0 && !Character.isSpaceChar(c) && c != '\uFF20' && c != '\uFE6B';
    }
}
