package org.mailserv.server.check.reputation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A DNS list. RFC 5782.
 *
 * @param zone the zone, such as {@code zen.spamhaus.org}; may contain a secret customer key
 * @param label the public name for replies and Authentication-Results; null to derive it from the zone without its key
 * @param subject the item that is looked up in the list
 * @param weight points for a listed client; negative for an allow list
 */
public record ListConfig(String zone, @Nullable String label, Subject subject, int weight) {
    /** Labels that well-known lists put before their operator's domain. */
    private static final Set<String> WORDS = Set.of(
            "authbl",
            "b",
            "bl",
            "black",
            "cbl",
            "combined",
            "dbl",
            "dnsbl",
            "dnsbl-1",
            "dnsbl-2",
            "dnsbl-3",
            "dnswl",
            "dq",
            "dul",
            "dwl",
            "dynamic",
            "exploit",
            "fresh",
            "ip",
            "ips",
            "list",
            "mail",
            "multi",
            "pbl",
            "policy",
            "psbl",
            "rbl",
            "rhsbl",
            "sbl",
            "sbl-xbl",
            "spam",
            "surbl",
            "swl",
            "ubl",
            "uribl",
            "white",
            "xbl",
            "zen",
            "zrd");

    /** The items that a list covers. */
    public enum Subject {
        CLIENT,
        HELO,
        SENDER
    }

    public ListConfig {
        if (label != null && !label.matches("[ -~&&[^\"\\\\]]{1,100}")) {
            throw new IllegalArgumentException(
                    "label: \"" + label + "\" (expected: 1 to 100 printable ASCII characters)");
        }
    }

    /**
     * Returns the name that unknown clients may see. A key is a label of the zone ({@code KEY.zen.dq.spamhaus.net}). Without a label of its
     * own, the list is shown as the domain of its operator and those labels before it that well-known lists have.
     */
    public String shownName() {
        if (label != null) {
            return label;
        }
        String bare = zone.endsWith(".") ? zone.substring(0, zone.length() - 1) : zone;
        String[] labels = bare.split("\\.", -1);
        int first = Math.max(0, labels.length - 2);
        while (first > 0 && WORDS.contains(labels[first - 1].toLowerCase(Locale.ROOT))) {
            first--;
        }
        return String.join(".", Arrays.asList(labels).subList(first, labels.length));
    }

    /** Returns a description without the key that the zone may contain. */
    @Override
    public String toString() {
        return "ListConfig[" + shownName() + " " + subject + " " + weight + "]";
    }
}
