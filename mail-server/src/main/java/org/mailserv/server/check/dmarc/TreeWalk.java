package org.mailserv.server.check.dmarc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;

/** Walks from a domain up to the root, eight questions at most, for the records on the way. RFC 9989, 4.10. */
final class TreeWalk {
    private static final int MOST_LABELS = 8;

    private final Dns dns;
    private final String start;
    private final List<DmarcRecord> records = new ArrayList<>();

    private TreeWalk(Dns dns, String start) {
        this.dns = dns;
        this.start = start;
    }

    /** Thrown when the DNS fails for now. */
    static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1;

        Failure(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * What the walk has found.
     *
     * @param own the record of the very domain, or null
     * @param organizational the organizational domain
     * @param above the record for the domain when it has none itself, or null
     */
    record Found(
            @Nullable DmarcRecord own,
            String organizational,
            @Nullable DmarcRecord above) {}

    /** Fails with {@link Failure}. */
    static CompletionStage<Found> from(Dns dns, String domain) {
        TreeWalk walk = new TreeWalk(dns, domain);
        return walk.ask(domain).thenApply(done -> walk.found());
    }

    private CompletionStage<@Nullable Void> ask(String domain) {
        return dns.txt("_dmarc." + domain).thenCompose(answer -> {
            if (answer instanceof DnsAnswer.TemporaryFailure<String> failure) {
                throw new Failure(domain + ": " + failure.reason());
            }
            DmarcRecord record = record(domain, answer);
            if (record != null) {
                records.add(record);
                if (record.publicSuffix() == 'y' || record.publicSuffix() == 'n') {
                    return CompletableFuture.completedFuture(null);
                }
            }
            String next = parent(domain);
            return next == null ? CompletableFuture.completedFuture(null) : ask(next);
        });
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
        return new Found(own, organizational, above);
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
