package org.mailserv.server.report;

import java.io.StringWriter;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.mailserv.server.report.DmarcObservation.PublishedPolicy;
import org.mailserv.server.report.DmarcObservation.Row;
import org.mailserv.server.report.DmarcObservation.Signature;

/** Writes an aggregate report from the observations of a day. RFC 9990. */
final class DmarcReport {
    private static final String NAMESPACE = "urn:ietf:params:xml:ns:dmarc-2.0";

    private final XMLStreamWriter out;
    private int depth;

    private DmarcReport(XMLStreamWriter out) {
        this.out = out;
    }

    /** The reporting organization, and the reported day. */
    record Head(String organization, String email, String id, LocalDate date) {}

    static long begin(LocalDate date) {
        return date.atStartOfDay(ZoneOffset.UTC).toEpochSecond();
    }

    static long end(LocalDate date) {
        return begin(date.plusDays(1)) - 1;
    }

    /** Returns all observations of one domain as a report. Equal ones become one with a count. */
    static String xml(Head head, List<DmarcObservation> observations) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter out = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            new DmarcReport(out).write(head, observations);
            out.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e); // A StringWriter does not fail.
        }
        return text.toString();
    }

    private void write(Head head, List<DmarcObservation> observations) throws XMLStreamException {
        out.writeStartDocument("UTF-8", "1.0");
        open("feedback");
        out.writeDefaultNamespace(NAMESPACE);
        element("version", "1.0");
        open("report_metadata");
        element("org_name", head.organization());
        element("email", head.email());
        element("report_id", head.id());
        open("date_range");
        element("begin", Long.toString(begin(head.date())));
        element("end", Long.toString(end(head.date())));
        close();
        close();
        policy(observations.get(observations.size() - 1).published());
        Map<Row, Integer> rows = new LinkedHashMap<>();
        observations.forEach(one -> rows.merge(one.row(), 1, Integer::sum));
        for (Map.Entry<Row, Integer> row : rows.entrySet()) {
            record(row.getKey(), row.getValue());
        }
        close();
        out.writeCharacters("\n");
        out.writeEndDocument();
    }

    private void policy(PublishedPolicy policy) throws XMLStreamException {
        open("policy_published");
        element("domain", policy.domain());
        element("discovery_method", "treewalk");
        element("p", policy.policy().word());
        element("sp", policy.subdomains().word());
        element("np", policy.nonExistent().word());
        element("adkim", policy.strictDkim() ? "s" : "r");
        element("aspf", policy.strictSpf() ? "s" : "r");
        element("testing", policy.testing() ? "y" : "n");
        close();
    }

    private void record(Row row, int count) throws XMLStreamException {
        open("record");
        open("row");
        element("source_ip", row.client());
        element("count", Integer.toString(count));
        open("policy_evaluated");
        element("disposition", row.disposition().word());
        element("dkim", row.dkim() ? "pass" : "fail");
        element("spf", row.spf() ? "pass" : "fail");
        close();
        close();
        open("identifiers");
        element("header_from", row.author());
        if (!row.sender().isEmpty()) {
            element("envelope_from", row.sender());
        }
        close();
        results(row);
        close();
    }

    private void results(Row row) throws XMLStreamException {
        open("auth_results");
        for (Signature signature : row.signatures()) {
            open("dkim");
            element("domain", signature.domain());
            element("selector", signature.selector());
            element("result", signature.result().word());
            close();
        }
        if (!row.spfDomain().isEmpty()) {
            open("spf");
            element("domain", row.spfDomain());
            element("scope", row.sender().isEmpty() ? "helo" : "mfrom");
            element("result", row.spfResult().word());
            close();
        }
        close();
    }

    private void open(String name) throws XMLStreamException {
        newLine();
        out.writeStartElement(name);
        depth++;
    }

    private void close() throws XMLStreamException {
        depth--;
        newLine();
        out.writeEndElement();
    }

    private void element(String name, String value) throws XMLStreamException {
        newLine();
        out.writeStartElement(name);
        // Values come from unknown senders and must contain nothing that XML cannot represent.
        out.writeCharacters(value.replaceAll("[^ -~]", "?"));
        out.writeEndElement();
    }

    private void newLine() throws XMLStreamException {
        out.writeCharacters("\n" + "  ".repeat(depth));
    }
}
