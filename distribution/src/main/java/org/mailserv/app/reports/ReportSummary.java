package org.mailserv.app.reports;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mailserv.app.api.ReceivedReportInfo;
import org.mailserv.app.api.ReceivedReportInfo.ReportedFailure;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.report.received.ReceivedReport;

/** Sums a report up: its counts, and its failures by source. */
final class ReportSummary {
    private static final int MAX_FAILURES = 50;
    private static final int MAX_NAME = 100;

    private ReportSummary() {}

    /** A source of failures with its result. */
    private record Place(String source, String result) {}

    static ReceivedReportInfo of(ReceivedReport report) {
        if (report instanceof ReceivedReport.Dmarc dmarc) {
            return of(dmarc);
        }
        return of((ReceivedReport.Tls) report);
    }

    private static ReceivedReportInfo of(ReceivedReport.Dmarc report) {
        Map<Place, Long> failures = new LinkedHashMap<>();
        long passed = 0;
        long failed = 0;
        for (ReceivedReport.DmarcRow row : report.rows()) {
            if (row.passed()) {
                passed += row.count();
            } else {
                failed += row.count();
                failures.merge(new Place(row.source(), row.disposition()), row.count(), Long::sum);
            }
        }
        return new ReceivedReportInfo(
                ReceivedReportInfo.Kind.DMARC,
                name(report.organization()),
                DomainNames.canonical(report.domain()),
                report.begin(),
                report.end(),
                name(report.policy()),
                passed,
                failed,
                most(failures));
    }

    private static ReceivedReportInfo of(ReceivedReport.Tls report) {
        Map<Place, Long> failures = new LinkedHashMap<>();
        for (ReceivedReport.TlsFailure failure : report.failures()) {
            failures.merge(new Place(failure.host(), failure.type()), failure.count(), Long::sum);
        }
        return new ReceivedReportInfo(
                ReceivedReportInfo.Kind.TLS,
                name(report.organization()),
                DomainNames.canonical(report.domain()),
                report.begin(),
                report.end(),
                null,
                report.successful(),
                report.failed(),
                most(failures));
    }

    private static List<ReportedFailure> most(Map<Place, Long> failures) {
        return failures.entrySet().stream()
                .map(each -> new ReportedFailure(
                        name(each.getKey().source()), name(each.getKey().result()), each.getValue()))
                .sorted(Comparator.comparingLong(ReportedFailure::count).reversed())
                .limit(MAX_FAILURES)
                .toList();
    }

    private static String name(String text) {
        return text.length() > MAX_NAME ? text.substring(0, MAX_NAME) : text;
    }
}
