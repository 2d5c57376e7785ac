package org.mailserv.server.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mailserv.server.report.TlsObservation.Policy;

/** Writes a report about TLS connections to a domain's servers from the observations of a day. RFC 8460, 4. */
final class TlsReport {
    private TlsReport() {}

    /** A failure of TLS with one host. Sessions that failed alike are counted together. */
    private record Failure(String host, String address, TlsResult result, String reason) {}

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
            String organization, String contact, String id, LocalDate date, List<TlsObservation> observations) {
        Instant begin = date.atStartOfDay(ZoneOffset.UTC).toInstant();
        Instant end = date.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant().minusSeconds(1);
        JsonObject range = new JsonObject();
        range.addProperty("start-datetime", begin.toString());
        range.addProperty("end-datetime", end.toString());
        Map<Policy, List<TlsObservation>> byPolicy = new LinkedHashMap<>();
        observations.forEach(one ->
                byPolicy.computeIfAbsent(one.policy(), key -> new ArrayList<>()).add(one));
        JsonArray policies = new JsonArray();
        byPolicy.forEach((policy, sessions) -> policies.add(result(policy, sessions)));
        JsonObject report = new JsonObject();
        report.addProperty("organization-name", ascii(organization));
        report.add("date-range", range);
        report.addProperty("contact-info", ascii(contact));
        report.addProperty("report-id", ascii(id));
        report.add("policies", policies);
        return report + "\n";
    }

    private static JsonObject result(Policy kind, List<TlsObservation> sessions) {
        JsonObject policy = new JsonObject();
        policy.addProperty("policy-type", kind.label());
        policy.addProperty("policy-domain", ascii(sessions.get(0).domain()));
        Map<Failure, Integer> failures = new LinkedHashMap<>();
        int failed = 0;
        for (TlsObservation one : sessions) {
            TlsResult result = one.failure();
            if (result != null) {
                failed++;
                failures.merge(new Failure(one.host(), one.address(), result, one.reason()), 1, Integer::sum);
            }
        }
        JsonObject summary = new JsonObject();
        summary.addProperty("total-successful-session-count", sessions.size() - failed);
        summary.addProperty("total-failure-session-count", failed);
        JsonArray details = new JsonArray();
        failures.forEach((failure, count) -> details.add(detail(failure, count)));
        JsonObject result = new JsonObject();
        result.add("policy", policy);
        result.add("summary", summary);
        result.add("failure-details", details);
        return result;
    }

    private static JsonObject detail(Failure failure, int count) {
        JsonObject detail = new JsonObject();
        detail.addProperty("result-type", failure.result().label());
        detail.addProperty("receiving-mx-hostname", ascii(failure.host()));
        detail.addProperty("receiving-ip", ascii(failure.address()));
        detail.addProperty("failed-session-count", count);
        detail.addProperty("failure-reason-code", ascii(failure.reason()));
        return detail;
    }

    private static String ascii(String value) {
        return value.replaceAll("[^ -~]", "?");
    }
}
