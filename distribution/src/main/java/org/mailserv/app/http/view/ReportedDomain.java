package org.mailserv.app.http.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.mailserv.app.api.ReceivedReportInfo;
import org.mailserv.app.api.ReceivedReportInfo.Kind;
import org.mailserv.app.api.ReceivedReportInfo.ReportedFailure;

/**
 * The reports about one domain, and what they mean.
 *
 * @param reports newest first
 */
public record ReportedDomain(String domain, List<ReceivedReportInfo> reports) {
    private static final int MAX_SOURCES = 50;
    private static final int MAX_REPORTS = 200;
    private static final Map<String, String> WORDS =
            Map.of("none", "let through", "quarantine", "marked as spam", "reject", "refused");

    /**
     * Failures of one source in all reports.
     *
     * @param reporters the organizations that saw them
     * @param results the results that they reported
     */
    public record Source(String name, long count, Set<String> reporters, Set<String> results) {
        /** Returns the results in words. */
        public String words() {
            return results.stream()
                    .map(result -> WORDS.getOrDefault(result, result))
                    .collect(Collectors.joining(", "));
        }

        Source with(ReportedFailure failure, String reporter) {
            reporters.add(reporter);
            results.add(failure.result());
            return new Source(name, count + failure.count(), reporters, results);
        }
    }

    /** Returns whether there are reports of a kind. */
    public boolean has(Kind kind) {
        return reports.stream().anyMatch(report -> report.kind() == kind);
    }

    /** Returns the summary of a kind in a sentence. */
    public String summary(Kind kind) {
        long passed = sum(kind, true);
        long failed = sum(kind, false);
        long reporters = reports.stream()
                .filter(report -> report.kind() == kind)
                .map(ReceivedReportInfo::organization)
                .distinct()
                .count();
        String of = Words.count(reporters, "reporter") + " saw ";
        if (passed + failed == 0) {
            return of + (kind == Kind.DMARC ? "no messages." : "no sessions.");
        }
        return of + Words.count(passed + failed, kind == Kind.DMARC ? "message" : "session") + ": "
                + (failed == 0
                        ? "all of them passed."
                        : passed + " passed (" + percent(passed, passed + failed) + "), " + failed + " failed.");
    }

    private static String percent(long part, long all) {
        // Not rounded up to 100 %, which would hide a failure.
        return part * 100 / all + " %";
    }

    private long sum(Kind kind, boolean passed) {
        return reports.stream()
                .filter(report -> report.kind() == kind)
                .mapToLong(report -> passed ? report.passed() : report.failed())
                .sum();
    }

    public boolean hasFailures(Kind kind) {
        return sum(kind, false) > 0;
    }

    /** Returns the advice for the failures of a kind. */
    public String advice(Kind kind) {
        if (kind == Kind.TLS) {
            return "The failed sessions could not use TLS. Under an enforced policy (MTA-STS or DANE) their mail was not"
                    + " delivered. `mailserv tls` and `mailserv dns-check` look for the cause.";
        }
        String policy = reports.stream()
                .filter(report -> report.kind() == Kind.DMARC && report.policy() != null)
                .map(report -> String.valueOf(report.policy()))
                .findFirst()
                .orElse("");
        return "A failed message had neither a valid DKIM signature nor an SPF pass for the domain. If you know the"
                + " source, let it sign, or add it to the SPF record. If you do not, somebody forges the domain"
                + (policy.equals("none")
                        ? ", and the policy p=none lets such mail through: publish p=quarantine or p=reject once"
                                + " your own mail passes."
                        : policy.isEmpty() ? "." : "; the policy p=" + policy + " acts against it.");
    }

    /** Returns the sources of failures, those with the most first. */
    public List<Source> sources(Kind kind) {
        Map<String, Source> all = new LinkedHashMap<>();
        for (ReceivedReportInfo report : reports) {
            if (report.kind() == kind) {
                for (ReportedFailure failure : report.failures()) {
                    all.put(
                            failure.source(),
                            all.getOrDefault(
                                            failure.source(),
                                            new Source(
                                                    failure.source(), 0, new LinkedHashSet<>(), new LinkedHashSet<>()))
                                    .with(failure, report.organization()));
                }
            }
        }
        List<Source> sorted = new ArrayList<>(all.values());
        sorted.sort(Comparator.comparingLong(Source::count).reversed());
        return sorted.subList(0, Math.min(sorted.size(), MAX_SOURCES));
    }

    /** Returns the reports that are listed. */
    public List<ReceivedReportInfo> listed() {
        return reports.subList(0, Math.min(reports.size(), MAX_REPORTS));
    }
}
