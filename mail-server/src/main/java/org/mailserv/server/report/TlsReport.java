package org.mailserv.server.report;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a report about TLS connections to a domain's servers from the observations of a day. RFC 8460, 4. */
public final class TlsReport {
    /** Number of fields of an observation: domain, kind of policy, host, address, result type (empty for success), reason. */
    static final int FIELDS = 6;

    private TlsReport() {}

    /** Returns the mail addresses of {@code v=TLSRPTv1} records. Reports over HTTPS are not supported. */
    static List<String> recipients(List<String> records) {
        List<String> addresses = new ArrayList<>();
        for (String record : records) {
            if (record.startsWith("v=TLSRPTv1")) {
                for (String part : record.split(";")) {
                    String value = part.strip();
                    for (String uri :
                            value.startsWith("rua=") ? value.substring(4).split(",") : new String[0]) {
                        if (uri.strip().startsWith("mailto:")) {
                            addresses.add(uri.strip().substring("mailto:".length()));
                        }
                    }
                }
            }
        }
        return addresses;
    }

    static String json(
            String organization, String contact, String id, LocalDate date, List<List<String>> observations) {
        Map<String, List<List<String>>> byPolicy = new LinkedHashMap<>();
        observations.forEach(one ->
                byPolicy.computeIfAbsent(one.get(1), key -> new ArrayList<>()).add(one));
        List<String> policies = new ArrayList<>();
        byPolicy.forEach((type, rows) -> policies.add(policy(type, rows)));
        return "{\"organization-name\":" + text(organization) + ",\"date-range\":{\"start-datetime\":"
                + text(date.atStartOfDay(ZoneOffset.UTC).toInstant().toString()) + ",\"end-datetime\":"
                + text(date.plusDays(1)
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant()
                        .minusSeconds(1)
                        .toString())
                + "},\"contact-info\":" + text(contact) + ",\"report-id\":" + text(id) + ",\"policies\":["
                + String.join(",", policies) + "]}\n";
    }

    private static String policy(String type, List<List<String>> rows) {
        long good = rows.stream().filter(row -> row.get(4).isEmpty()).count();
        Map<List<String>, Integer> failures = new LinkedHashMap<>();
        rows.stream()
                .filter(row -> !row.get(4).isEmpty())
                .forEach(row -> failures.merge(row.subList(2, FIELDS), 1, Integer::sum));
        List<String> details = new ArrayList<>();
        failures.forEach((row, count) -> details.add("{\"result-type\":" + text(row.get(2))
                + ",\"receiving-mx-hostname\":"
                + text(row.get(0)) + ",\"receiving-ip\":" + text(row.get(1)) + ",\"failed-session-count\":" + count
                + ",\"failure-reason-code\":" + text(row.get(3)) + "}"));
        return "{\"policy\":{\"policy-type\":" + text(type) + ",\"policy-domain\":"
                + text(rows.get(0).get(0)) + "},\"summary\":{\"total-successful-session-count\":" + good
                + ",\"total-failure-session-count\":" + (rows.size() - good) + "},\"failure-details\":["
                + String.join(",", details) + "]}";
    }

    private static String text(String value) {
        return '"' + value.replaceAll("[^ -~]", "?").replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
