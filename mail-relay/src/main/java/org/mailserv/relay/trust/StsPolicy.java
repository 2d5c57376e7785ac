package org.mailserv.relay.trust;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A domain's MTA-STS policy. RFC 8461, 3.2.
 *
 * @param mx host names and patterns; the wildcard of {@code *.example.org} matches one label
 * @param maxAge the lifetime of the policy
 */
public record StsPolicy(Mode mode, List<String> mx, Duration maxAge) {
    private static final Pattern NAME = Pattern.compile("(\\*\\.)?[A-Za-z0-9_.-]{1,253}");
    private static final Duration LONGEST = Duration.ofSeconds(31_557_600);

    /** The handling of servers that do not conform to the policy. */
    public enum Mode {
        ENFORCE,
        TESTING,
        NONE
    }

    public StsPolicy {
        mx = List.copyOf(mx);
    }

    /**
     * Parses a policy.
     *
     * @throws IllegalArgumentException if the text is not a valid policy
     */
    public static StsPolicy parse(String text) {
        Mode mode = null;
        Duration maxAge = null;
        boolean version = false;
        List<String> mx = new ArrayList<>();
        for (String line : text.split("\r?\n")) {
            int colon = line.indexOf(':');
            String key = colon < 0 ? line.strip() : line.substring(0, colon).strip();
            String value = colon < 0 ? "" : line.substring(colon + 1).strip();
            switch (key) {
                case "version" -> version = value.equals("STSv1");
                case "mode" -> mode = mode == null ? mode(value) : mode;
                case "max_age" -> {
                    if (maxAge == null && value.matches("[0-9]{1,10}")) {
                        Duration age = Duration.ofSeconds(Long.parseLong(value));
                        maxAge = age.compareTo(LONGEST) > 0 ? LONGEST : age;
                    }
                }
                case "mx" -> {
                    // Skip invalid names: they match no server and must not reach the log.
                    if (NAME.matcher(value).matches()) {
                        mx.add(value.toLowerCase(Locale.ROOT));
                    }
                }
                default -> {
                    // RFC 8461, 3.2: unknown fields are ignored.
                }
            }
        }
        if (!version || mode == null || maxAge == null || mx.isEmpty() && mode != Mode.NONE) {
            throw new IllegalArgumentException("no policy (expected: version, mode, mx and max_age)");
        }
        return new StsPolicy(mode, mx, maxAge);
    }

    private static Mode mode(String word) {
        return switch (word) {
            case "enforce" -> Mode.ENFORCE;
            case "testing" -> Mode.TESTING;
            case "none" -> Mode.NONE;
            default -> throw new IllegalArgumentException("mode: " + word.replaceAll("[^a-z]", "?"));
        };
    }

    /** Returns whether the policy lists a host. RFC 8461, 4.1. */
    public boolean names(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        for (String pattern : mx) {
            boolean wild = pattern.startsWith("*.");
            int dot = name.indexOf('.');
            if (wild ? dot > 0 && name.substring(dot + 1).equals(pattern.substring(2)) : name.equals(pattern)) {
                return true;
            }
        }
        return false;
    }
}
