package org.mailserv.server.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.check.dkim.DkimResult;
import org.mailserv.server.check.dmarc.DmarcPolicy;
import org.mailserv.server.check.spf.SpfResult;

/**
 * A message, for the aggregate report to the domain of its author. RFC 9990.
 *
 * @param published the policy of the domain
 * @param reports the addresses that request reports
 * @param row the details of the message
 */
public record DmarcObservation(PublishedPolicy published, List<String> reports, Row row) implements Observation {
    private static final int COLUMNS = 17;

    public DmarcObservation {
        reports = List.copyOf(reports);
    }

    /**
     * The policy that a domain publishes.
     *
     * @param domain the domain that publishes it
     * @param subdomains the policy for its subdomains
     * @param nonExistent the policy for subdomains that do not exist
     */
    public record PublishedPolicy(
            String domain,
            DmarcPolicy policy,
            DmarcPolicy subdomains,
            DmarcPolicy nonExistent,
            boolean strictDkim,
            boolean strictSpf,
            boolean testing) {}

    /**
     * The details of a message. Messages with equal rows are one record of the report.
     *
     * @param client the IP address of the client
     * @param disposition the policy that was applied
     * @param dkim whether a signature of an aligned domain is valid
     * @param spf whether SPF passed for an aligned domain
     * @param author the domain of From
     * @param sender the domain of the reverse-path, or an empty string
     * @param spfDomain the domain that SPF checked
     */
    public record Row(
            String client,
            DmarcPolicy disposition,
            boolean dkim,
            boolean spf,
            String author,
            String sender,
            List<Signature> signatures,
            String spfDomain,
            SpfResult spfResult) {
        public Row {
            signatures = List.copyOf(signatures);
        }
    }

    /** A DKIM signature and its result. */
    public record Signature(String domain, String selector, DkimResult result) {}

    @Override
    public Kind kind() {
        return Kind.DMARC;
    }

    @Override
    public String domain() {
        return published.domain();
    }

    @Override
    public List<String> columns() {
        List<String> signatures = row.signatures().stream()
                .map(one ->
                        one.domain() + "/" + one.selector() + "/" + one.result().word())
                .toList();
        return List.of(
                published.domain(),
                published.policy().word(),
                published.subdomains().word(),
                published.nonExistent().word(),
                published.strictDkim() ? "s" : "r",
                published.strictSpf() ? "s" : "r",
                published.testing() ? "y" : "n",
                String.join(",", reports),
                row.client(),
                row.disposition().word(),
                row.dkim() ? "pass" : "fail",
                row.spf() ? "pass" : "fail",
                row.author(),
                row.sender(),
                String.join(",", signatures),
                row.spfDomain(),
                row.spfResult().word());
    }

    /** Reads the columns of a line; returns null if they are not an observation. */
    static @Nullable DmarcObservation parse(List<String> columns) {
        if (columns.size() != COLUMNS) {
            return null;
        }
        try {
            PublishedPolicy published = new PublishedPolicy(
                    columns.get(0),
                    policy(columns.get(1)),
                    policy(columns.get(2)),
                    policy(columns.get(3)),
                    columns.get(4).equals("s"),
                    columns.get(5).equals("s"),
                    columns.get(6).equals("y"));
            Row row = new Row(
                    columns.get(8),
                    policy(columns.get(9)),
                    columns.get(10).equals("pass"),
                    columns.get(11).equals("pass"),
                    columns.get(12),
                    columns.get(13),
                    signatures(columns.get(14)),
                    columns.get(15),
                    SpfResult.valueOf(columns.get(16).toUpperCase(Locale.ROOT)));
            return new DmarcObservation(published, list(columns.get(7)), row);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static List<String> list(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(","));
    }

    /** Returns the signatures that have three parts. A name with a slash or a comma in it cannot be told from its neighbors. */
    private static List<Signature> signatures(String text) {
        List<Signature> signatures = new ArrayList<>();
        for (String signature : list(text)) {
            String[] parts = signature.split("/", -1);
            if (parts.length == 3 && !parts[0].isEmpty()) {
                signatures.add(
                        new Signature(parts[0], parts[1], DkimResult.valueOf(parts[2].toUpperCase(Locale.ROOT))));
            }
        }
        return signatures;
    }

    private static DmarcPolicy policy(String word) {
        return DmarcPolicy.valueOf(word.toUpperCase(Locale.ROOT));
    }
}
