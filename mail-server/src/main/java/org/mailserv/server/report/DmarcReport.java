package org.mailserv.server.report;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes an aggregate report from the observations of a day. RFC 9990. */
public final class DmarcReport {
    /** Number of fields of an observation, in the order of recording. */
    static final int FIELDS = 17;

    private static final int RUA = 7;
    private static final int FIRST_OF_ROW = 8;

    private DmarcReport() {}

    /** The reporting organization, and the reported day. */
    record Head(String organization, String email, String id, LocalDate date) {}

    static long begin(LocalDate date) {
        return date.atStartOfDay(ZoneOffset.UTC).toEpochSecond();
    }

    static long end(LocalDate date) {
        return begin(date.plusDays(1)) - 1;
    }

    /** Returns the addresses that request reports, according to an observation. */
    static List<String> recipients(List<String> observation) {
        return observation.get(RUA).isEmpty()
                ? List.of()
                : List.of(observation.get(RUA).split(","));
    }

    /** Returns all observations of one domain as a report. Equal ones become one with a count. */
    static String xml(Head head, List<List<String>> observations) {
        List<String> policy = observations.get(observations.size() - 1);
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        xml.append(
                "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n  <version>1.0</version>\n  <report_metadata>\n");
        tag(xml, 4, "org_name", head.organization());
        tag(xml, 4, "email", head.email());
        tag(xml, 4, "report_id", head.id());
        xml.append("    <date_range>\n");
        tag(xml, 6, "begin", Long.toString(begin(head.date())));
        tag(xml, 6, "end", Long.toString(end(head.date())));
        xml.append("    </date_range>\n  </report_metadata>\n  <policy_published>\n");
        tag(xml, 4, "domain", policy.get(0));
        tag(xml, 4, "discovery_method", "treewalk");
        tag(xml, 4, "p", policy.get(1));
        tag(xml, 4, "sp", policy.get(2));
        tag(xml, 4, "np", policy.get(3));
        tag(xml, 4, "adkim", policy.get(4));
        tag(xml, 4, "aspf", policy.get(5));
        tag(xml, 4, "testing", policy.get(6));
        xml.append("  </policy_published>\n");
        Map<List<String>, Integer> rows = new LinkedHashMap<>();
        observations.forEach(one -> rows.merge(one.subList(FIRST_OF_ROW, FIELDS), 1, Integer::sum));
        rows.forEach((row, count) -> record(xml, row, count));
        return xml.append("</feedback>\n").toString();
    }

    private static void record(StringBuilder xml, List<String> row, int count) {
        xml.append("  <record>\n    <row>\n");
        tag(xml, 6, "source_ip", row.get(0));
        tag(xml, 6, "count", Integer.toString(count));
        xml.append("      <policy_evaluated>\n");
        tag(xml, 8, "disposition", row.get(1));
        tag(xml, 8, "dkim", row.get(2));
        tag(xml, 8, "spf", row.get(3));
        xml.append("      </policy_evaluated>\n    </row>\n    <identifiers>\n");
        tag(xml, 6, "header_from", row.get(4));
        if (!row.get(5).isEmpty()) {
            tag(xml, 6, "envelope_from", row.get(5));
        }
        xml.append("    </identifiers>\n    <auth_results>\n");
        for (String signature :
                row.get(6).isEmpty() ? new String[0] : row.get(6).split(",")) {
            String[] parts = signature.split("/", -1);
            if (parts.length == 3 && !parts[0].isEmpty()) {
                xml.append("      <dkim>\n");
                tag(xml, 8, "domain", parts[0]);
                tag(xml, 8, "selector", parts[1]);
                tag(xml, 8, "result", parts[2]);
                xml.append("      </dkim>\n");
            }
        }
        if (!row.get(7).isEmpty()) {
            xml.append("      <spf>\n");
            tag(xml, 8, "domain", row.get(7));
            tag(xml, 8, "scope", row.get(5).isEmpty() ? "helo" : "mfrom");
            tag(xml, 8, "result", row.get(8));
            xml.append("      </spf>\n");
        }
        xml.append("    </auth_results>\n  </record>\n");
    }

    private static void tag(StringBuilder xml, int indent, String name, String value) {
        xml.append(" ".repeat(indent)).append('<').append(name).append('>');
        // Values come from unknown senders: they must contain no markup, and nothing that XML cannot represent.
        xml.append(value.replaceAll("[^ -~]", "?")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;"));
        xml.append("</").append(name).append(">\n");
    }
}
