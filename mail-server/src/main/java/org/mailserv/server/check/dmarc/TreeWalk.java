package org.mailserv.server.check.dmarc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;

/**
 * Walks from a domain up to the root, with at most eight queries, for the records on the way. All queries are sent at once, so that a walk
 * takes the time of one. RFC 9989, 4.10.
 */
final class TreeWalk {
    private static final int MOST_LABELS = 8;

    private final String start;
    private final List<DmarcRecord> records = new ArrayList<>();
    private @Nullable String failure;

    private TreeWalk(String start) {
        this.start = start;
    }

    /**
     * The result of a walk.
     *
     * @param own the record of the domain itself, or null
     * @param organizational the organizational domain, as far as it is known
     * @param above the record that applies if the domain has none itself, or null
     * @param failure where the DNS failed, so that the records above are unknown; or null
     */
    record Found(
            @Nullable DmarcRecord own,
            String organizational,
            @Nullable DmarcRecord above,
            @Nullable String failure) {}

    /** Walks the tree. The stage does not fail. */
    static CompletionStage<Found> from(Dns dns, String domain) {
        List<String> names = new ArrayList<>();
        CompletionStage<List<DnsAnswer<String>>> answers = CompletableFuture.completedFuture(new ArrayList<>());
        for (String name = domain; name != null; name = parent(name)) {
            names.add(name);
            answers = answers.thenCombine(dns.txt("_dmarc." + name), (list, answer) -> {
                list.add(answer);
                return list;
            });
        }
        return answers.thenApply(list -> new TreeWalk(domain).found(names, list))
                .exceptionally(problem -> new Found(null, domain, null, String.valueOf(problem)));
    }

    private Found found(List<String> names, List<DnsAnswer<String>> answers) {
        for (int i = 0; i < names.size(); i++) {
            if (answers.get(i) instanceof DnsAnswer.TemporaryFailure<String> problem) {
                failure = names.get(i) + ": " + problem.reason();
                break;
            }
            DmarcRecord record = record(names.get(i), answers.get(i));
            if (record != null) {
                records.add(record);
                if (record.publicSuffix() == 'y' || record.publicSuffix() == 'n') {
                    break;
                }
            }
        }
        return found();
    }

    private static @Nullable DmarcRecord record(String domain, DnsAnswer<String> answer) {
        if (!(answer instanceof DnsAnswer.Found<String> found)) {
            return null;
        }
        List<String> texts =
                found.records().stream().filter(DmarcRecord::isRecord).toList();
        return texts.size() == 1 ? DmarcRecord.parse(domain, texts.get(0)) : null;
    }

    private static @Nullable String parent(String domain) {
        String[] labels = domain.split("\\.", -1);
        int keep = Math.min(labels.length - 1, MOST_LABELS - 1);
        if (keep < 1) {
            return null;
        }
        return String.join(".", List.of(labels).subList(labels.length - keep, labels.length));
    }

    private Found found() {
        DmarcRecord own = records.isEmpty() || !records.get(0).domain().equals(start) ? null : records.get(0);
        String organizational = organizational();
        DmarcRecord above = null;
        for (DmarcRecord record : records) {
            boolean fits = record.domain().equals(organizational) || record.publicSuffix() == 'y';
            if (record != own && fits && above == null) {
                above = record;
            }
        }
        return new Found(own, organizational, failure == null ? above : null, failure);
    }

    private String organizational() {
        for (DmarcRecord record : records) {
            if (record.publicSuffix() == 'n') {
                return record.domain();
            } else if (record.publicSuffix() == 'y' && !record.domain().equals(start)) {
                String below =
                        start.substring(0, start.length() - record.domain().length() - 1);
                return below.substring(below.lastIndexOf('.') + 1) + "." + record.domain();
            }
        }
        return records.isEmpty() ? start : records.get(records.size() - 1).domain();
    }
}
