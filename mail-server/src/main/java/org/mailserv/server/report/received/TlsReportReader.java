package org.mailserv.server.report.received;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/** Reads a report about TLS connections. One report may cover several policies, each with a domain. RFC 8460, 4.4. */
final class TlsReportReader {
    /** Maximum number of policies and of failures that are kept. */
    private static final int MAX_ENTRIES = 1000;

    private TlsReportReader() {}

    static List<ReceivedReport> read(byte[] json) throws ReportFormatException {
        try {
            JsonObject report = JsonParser.parseString(new String(json, UTF_8)).getAsJsonObject();
            JsonObject range = object(report, "date-range");
            List<ReceivedReport> reports = new ArrayList<>();
            for (JsonElement element : array(report, "policies")) {
                if (reports.size() < MAX_ENTRIES) {
                    JsonObject policy = element.getAsJsonObject();
                    JsonObject summary = object(policy, "summary");
                    reports.add(new ReceivedReport.Tls(
                            text(report, "organization-name"),
                            text(object(policy, "policy"), "policy-domain"),
                            time(text(range, "start-datetime")),
                            time(text(range, "end-datetime")),
                            number(summary, "total-successful-session-count"),
                            number(summary, "total-failure-session-count"),
                            failures(policy)));
                }
            }
            return reports;
        } catch (JsonParseException | IllegalStateException e) {
            throw new ReportFormatException("the TLS report is not JSON as RFC 8460 defines it", e);
        }
    }

    private static List<ReceivedReport.TlsFailure> failures(JsonObject policy) {
        List<ReceivedReport.TlsFailure> failures = new ArrayList<>();
        for (JsonElement element : array(policy, "failure-details")) {
            if (failures.size() < MAX_ENTRIES) {
                JsonObject failure = element.getAsJsonObject();
                failures.add(new ReceivedReport.TlsFailure(
                        text(failure, "result-type"),
                        text(failure, "receiving-mx-hostname"),
                        number(failure, "failed-session-count")));
            }
        }
        return failures;
    }

    private static JsonObject object(JsonObject parent, String name) {
        return parent.get(name) instanceof JsonObject object ? object : new JsonObject();
    }

    private static JsonArray array(JsonObject parent, String name) {
        return parent.get(name) instanceof JsonArray array ? array : new JsonArray();
    }

    private static String text(JsonObject parent, String name) {
        JsonElement value = parent.get(name);
        return value != null && value.isJsonPrimitive() ? DmarcReportReader.printable(value.getAsString()) : "";
    }

    private static long number(JsonObject parent, String name) {
        return DmarcReportReader.number(text(parent, name));
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }
}
