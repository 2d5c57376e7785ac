package org.mailserv.server.check.dmarc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parsed policy record. RFC 9989, 4.7.
 *
 * @param domain the domain that publishes it
 * @param policy the policy for the domain itself
 * @param subdomains the policy for its subdomains
 * @param nonExistent the policy for subdomains that do not exist
 * @param strictSpf whether the domain of SPF must be identical
 * @param strictDkim whether the signing domain must be identical
 * @param publicSuffix whether the domain declares itself a public suffix (y), declares that it is none (n), or neither
 * @param testing whether the policy is applied one step milder
 * @param reports the first few addresses for aggregate reports
 */
public record DmarcRecord(
        String domain,
        DmarcPolicy policy,
        DmarcPolicy subdomains,
        DmarcPolicy nonExistent,
        boolean strictSpf,
        boolean strictDkim,
        char publicSuffix,
        boolean testing,
        List<String> reports) {
    private static final int MOST_REPORTS = 5;

    static boolean isRecord(String text) {
        return text.matches("(?s)v\\s*=\\s*DMARC1\\s*(;.*)?");
    }

    /** Parses a record; returns null if it has no effect. RFC 9989, 4.7: a record without a policy, but with a report address, means "none". */
    static @Nullable DmarcRecord parse(String domain, String text) {
        Map<String, String> tags = new HashMap<>();
        for (String part : text.split(";", -1)) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                tags.putIfAbsent(
                        part.substring(0, equals).strip().toLowerCase(Locale.ROOT),
                        part.substring(equals + 1).strip());
            }
        }
        DmarcPolicy policy = policy(tags.get("p"), null);
        if (policy == null && tags.containsKey("psd") && !tags.containsKey("p")) {
            policy = DmarcPolicy.NONE;
        } else if (policy == null) {
            if (!tags.getOrDefault("rua", "").toLowerCase(Locale.ROOT).contains("mailto:")) {
                return null;
            }
            policy = DmarcPolicy.NONE;
        }
        DmarcPolicy subdomains = policy(tags.get("sp"), policy);
        DmarcPolicy nonExistent = policy(tags.get("np"), subdomains);
        String psd = tags.getOrDefault("psd", "u").toLowerCase(Locale.ROOT);
        return new DmarcRecord(
                domain,
                policy,
                subdomains == null ? policy : subdomains,
                nonExistent == null ? policy : nonExistent,
                "s".equalsIgnoreCase(tags.get("aspf")),
                "s".equalsIgnoreCase(tags.get("adkim")),
                psd.isEmpty() ? 'u' : psd.charAt(0),
                "y".equalsIgnoreCase(tags.get("t")),
                reports(tags.getOrDefault("rua", "")));
    }

    /** Returns the mail addresses among the URIs, without the size limit after an exclamation mark. */
    private static List<String> reports(String rua) {
        List<String> addresses = new ArrayList<>();
        for (String uri : rua.split(",")) {
            String bare = uri.strip();
            if (bare.regionMatches(true, 0, "mailto:", 0, "mailto:".length()) && addresses.size() < MOST_REPORTS) {
                addresses.add(bare.substring("mailto:".length()).replaceAll("![0-9]+[kmgtKMGT]?$", ""));
            }
        }
        return List.copyOf(addresses);
    }

    private static @Nullable DmarcPolicy policy(@Nullable String word, @Nullable DmarcPolicy otherwise) {
        return switch (word == null ? "" : word.toLowerCase(Locale.ROOT)) {
            case "none" -> DmarcPolicy.NONE;
            case "quarantine" -> DmarcPolicy.QUARANTINE;
            case "reject" -> DmarcPolicy.REJECT;
            default -> otherwise;
        };
    }
}
