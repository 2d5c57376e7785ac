package org.mailserv.server.report.received;

import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** Reads a DMARC aggregate report, of RFC 9990 or of the older RFC 7489. Namespaces and unknown elements are ignored. */
final class DmarcReportReader {
    /** Maximum number of rows that are kept. */
    private static final int MAX_ROWS = 10_000;

    /** Maximum length of a value, in characters. */
    private static final int MAX_VALUE = 500;

    private final Deque<String> path = new ArrayDeque<>();
    private final Map<String, String> head = new HashMap<>();
    private final Map<String, String> row = new HashMap<>();
    private final List<ReceivedReport.DmarcRow> rows = new ArrayList<>();

    private DmarcReportReader() {}

    static ReceivedReport.Dmarc read(byte[] xml) throws ReportFormatException {
        DmarcReportReader reader = new DmarcReportReader();
        try {
            XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
            // No entities: the sender must not make this server read files or expand text.
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
            reader.read(factory.createXMLStreamReader(new ByteArrayInputStream(xml)));
        } catch (XMLStreamException | IllegalStateException e) {
            throw new ReportFormatException("the DMARC report is not well-formed XML", e);
        }
        return reader.report();
    }

    private void read(XMLStreamReader xml) throws XMLStreamException {
        StringBuilder text = new StringBuilder();
        while (xml.hasNext()) {
            switch (xml.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    path.addLast(xml.getLocalName());
                    text.setLength(0);
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                    if (text.length() < MAX_VALUE) {
                        text.append(xml.getText());
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    end(text.toString().strip());
                    text.setLength(0);
                }
                default -> {
                    // Comments and white space carry nothing.
                }
            }
        }
    }

    private void end(String value) {
        String name = String.join("/", path);
        path.removeLast();
        if (name.equals("feedback/record")) {
            addRow();
            row.clear();
        } else if (name.startsWith("feedback/record/")) {
            row.putIfAbsent(name.substring("feedback/record/".length()), printable(value));
        } else {
            head.putIfAbsent(name, printable(value));
        }
    }

    private void addRow() {
        if (rows.size() < MAX_ROWS) {
            rows.add(new ReceivedReport.DmarcRow(
                    row.getOrDefault("row/source_ip", ""),
                    number(row.get("row/count")),
                    row.getOrDefault("row/policy_evaluated/disposition", ""),
                    "pass".equals(row.get("row/policy_evaluated/dkim")),
                    "pass".equals(row.get("row/policy_evaluated/spf")),
                    row.getOrDefault("identifiers/header_from", "")));
        }
    }

    private ReceivedReport.Dmarc report() throws ReportFormatException {
        String domain = head.getOrDefault("feedback/policy_published/domain", "");
        if (domain.isEmpty()) {
            throw new ReportFormatException("the XML is no DMARC report: it names no domain");
        }
        return new ReceivedReport.Dmarc(
                head.getOrDefault("feedback/report_metadata/org_name", ""),
                domain,
                Instant.ofEpochSecond(number(head.get("feedback/report_metadata/date_range/begin"))),
                Instant.ofEpochSecond(number(head.get("feedback/report_metadata/date_range/end"))),
                head.getOrDefault("feedback/policy_published/p", ""),
                rows);
    }

    static long number(@Nullable String text) {
        return text != null && text.matches("[0-9]{1,12}") ? Long.parseLong(text) : 0;
    }

    /** Returns a value that is safe in a terminal: printable, on one line, of limited length. */
    static String printable(String value) {
        String clean = value.replaceAll("[\\p{Cntrl}\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+", " ")
                .strip();
        return clean.length() <= MAX_VALUE ? clean : clean.substring(0, MAX_VALUE);
    }
}
