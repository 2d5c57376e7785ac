package org.mailserv.app.http.view;

import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.mailserv.app.api.ReceivedReportInfo;

/**
 * The reports of others.
 *
 * @param domains the domains with reports
 * @param domain the domain that is shown, or an empty text for all
 * @param days the number of days that are shown
 */
public record ReportsPage(Layout layout, List<ReportedDomain> domains, String domain, int days) {
    public static final List<Integer> PERIODS = List.of(7, 30, 90, 365);

    /** Returns the page for reports of any order of domains. */
    public static ReportsPage of(Layout layout, List<ReceivedReportInfo> reports, String domain, int days) {
        List<ReportedDomain> domains = reports.stream()
                .collect(Collectors.groupingBy(ReceivedReportInfo::domain, TreeMap::new, Collectors.toList()))
                .entrySet()
                .stream()
                .map(each -> new ReportedDomain(each.getKey(), each.getValue()))
                .toList();
        return new ReportsPage(layout, domains, domain, days);
    }
}
