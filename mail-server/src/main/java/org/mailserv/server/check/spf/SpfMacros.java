package org.mailserv.server.check.spf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The macros of policies and explanations: their grammar and their expansion. RFC 7208, 7. */
final class SpfMacros {
    /** Matches a macro-expand. Group 1 is the letter of %{...}; the digits, "r" and the delimiters follow. */
    private static final Pattern EXPAND =
            Pattern.compile("%(?:\\{([slodiphcrtvSLODIPHCRTV])(\\d{0,3})([rR]?)([.+,/_=-]*)}|%|_|-)");

    private static final Pattern TOP_LABEL =
            Pattern.compile("[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9]");

    private SpfMacros() {}

    /** The values of the macro letters. */
    interface Values {
        /** Returns the value of a letter, which is in lower case. */
        String of(char letter);
    }

    /** Returns whether the text uses the client's confirmed name (macro "p"), which needs DNS lookups. */
    static boolean wantsName(String text) {
        return text.contains("%{p") || text.contains("%{P");
    }

    /**
     * Checks a macro-string that must not use the letters reserved for explanations.
     *
     * @throws SpfException permanent, if the grammar is violated
     */
    static void requireMacroString(String text, String term) {
        scan(text, term, false);
    }

    /**
     * Checks a domain-spec, which ends in a top label or in a macro.
     *
     * @throws SpfException permanent, if the grammar is violated
     */
    static void requireDomainSpec(String text, String term) {
        int tail = scan(text, term, false);
        if (tail == text.length() && tail > 0) {
            return;
        }
        String literal = text.substring(tail);
        String bare = literal.endsWith(".") ? literal.substring(0, literal.length() - 1) : literal;
        int dot = bare.lastIndexOf('.');
        if (dot < 0 || !TOP_LABEL.matcher(bare.substring(dot + 1)).matches()) {
            throw SpfException.permanent("no domain: " + term);
        }
    }

    /** Checks the grammar and returns the end of the last macro. */
    private static int scan(String text, String term, boolean explanation) {
        Matcher macro = EXPAND.matcher(text);
        int end = 0;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '%') {
                if (!macro.region(i, text.length()).lookingAt() || !isAllowed(macro, explanation)) {
                    throw SpfException.permanent("bad macro: " + term);
                }
                i = macro.end();
                end = i;
            } else if (c > ' ' && c < 127 || explanation && c == ' ') {
                i++;
            } else {
                throw SpfException.permanent("bad character: " + term);
            }
        }
        return end;
    }

    private static boolean isAllowed(Matcher macro, boolean explanation) {
        String letter = macro.group(1);
        if (letter == null) {
            return true;
        }
        boolean known = explanation || "crt".indexOf(Character.toLowerCase(letter.charAt(0))) < 0;
        String digits = macro.group(2);
        return known && (digits.isEmpty() || Integer.parseInt(digits) > 0);
    }

    /**
     * Expands a text.
     *
     * @throws SpfException permanent, if the grammar is violated
     */
    static String expand(String text, Values values, boolean explanation) {
        scan(text, text, explanation);
        StringBuilder expanded = new StringBuilder();
        Matcher macro = EXPAND.matcher(text);
        int last = 0;
        while (macro.find()) {
            expanded.append(text, last, macro.start());
            last = macro.end();
            if (macro.group(1) == null) {
                expanded.append(
                        switch (macro.group()) {
                            case "%%" -> "%";
                            case "%_" -> " ";
                            default -> "%20";
                        });
            } else {
                expanded.append(transformed(macro, values));
            }
        }
        return expanded.append(text, last, text.length()).toString();
    }

    private static String transformed(Matcher macro, Values values) {
        char letter = macro.group(1).charAt(0);
        String value = values.of(Character.toLowerCase(letter));
        String digits = macro.group(2);
        boolean reverse = !macro.group(3).isEmpty();
        String delimiters = macro.group(4);
        if (!digits.isEmpty() || reverse || !delimiters.isEmpty()) {
            List<String> parts = split(value, delimiters.isEmpty() ? "." : delimiters);
            if (reverse) {
                Collections.reverse(parts);
            }
            int keep = digits.isEmpty() ? parts.size() : Math.min(parts.size(), Integer.parseInt(digits));
            value = String.join(".", parts.subList(parts.size() - keep, parts.size()));
        }
        return Character.isUpperCase(letter) ? escape(value) : value;
    }

    private static List<String> split(String value, String delimiters) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < value.length(); i++) {
            if (delimiters.indexOf(value.charAt(i)) >= 0) {
                parts.add(value.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(value.substring(start));
        return parts;
    }

    /** Percent-encodes everything except the unreserved characters of a URI. RFC 3986, 2.3. */
    private static String escape(String value) {
        StringBuilder escaped = new StringBuilder();
        for (byte octet : value.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xFF);
            if (c < 128 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
                escaped.append(c);
            } else {
                escaped.append(String.format(Locale.ROOT, "%%%02X", (int) c));
            }
        }
        return escaped.toString();
    }
}
