package org.mailserv.server.report.received;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports of other servers, in the forms in which large providers send them. */
class ReportReaderTest {
    private static final String DMARC = """
            <?xml version="1.0" encoding="UTF-8"?>
            <feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">
              <report_metadata><org_name>far.test</org_name><report_id>1</report_id>
                <date_range><begin>1795737600</begin><end>1795823999</end></date_range></report_metadata>
              <policy_published><domain>example.org</domain><p>reject</p></policy_published>
              <record><row><source_ip>192.0.2.9</source_ip><count>12</count>
                <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
                <identifiers><header_from>example.org</header_from></identifiers>
                <auth_results><dkim><domain>example.org</domain><result>pass</result></dkim></auth_results></record>
              <record><row><source_ip>2001:db8::1</source_ip><count>3</count>
                <policy_evaluated><disposition>reject</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
                <identifiers><header_from>news.example.org</header_from></identifiers></record>
            </feedback>
            """;

    private static final String TLS = """
            {"organization-name":"far.test","report-id":"1",
             "date-range":{"start-datetime":"2026-11-26T00:00:00Z","end-datetime":"2026-11-26T23:59:59Z"},
             "policies":[{"policy":{"policy-type":"sts","policy-domain":"example.org"},
               "summary":{"total-successful-session-count":50,"total-failure-session-count":2},
               "failure-details":[{"result-type":"certificate-expired","receiving-mx-hostname":"mx.example.org",
                 "failed-session-count":2}]}]}
            """;

    private static byte[] message(String type, String name, byte[] content) {
        return ("From: reports@far.test\r\nSubject: Report\r\nContent-Type: multipart/mixed;\r\n\tboundary=\"b 1\"\r\n\r\n"
                        + "preamble\r\n--b 1\r\nContent-Type: text/plain\r\n\r\nThis is a report.\r\n--b 1\r\nContent-Type: "
                        + type
                        + "\r\nContent-Disposition: attachment; filename=\"" + name
                        + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                        + Base64.getMimeEncoder().encodeToString(content) + "\r\n--b 1--\r\n")
                .getBytes(ISO_8859_1);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(octets)) {
            gzip.write(content);
        }
        return octets.toByteArray();
    }

    private static byte[] zip(byte[] content) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(octets)) {
            zip.putNextEntry(new ZipEntry("report.xml"));
            zip.write(content);
        }
        return octets.toByteArray();
    }

    private static final ReceivedReport EXPECTED = new ReceivedReport.Dmarc(
            "far.test",
            "example.org",
            Instant.ofEpochSecond(1795737600),
            Instant.ofEpochSecond(1795823999),
            "reject",
            List.of(
                    new ReceivedReport.DmarcRow("192.0.2.9", 12, "none", true, false, "example.org"),
                    new ReceivedReport.DmarcRow("2001:db8::1", 3, "reject", false, false, "news.example.org")));

    @Test
    @DisplayName("DMARC reports are read as gzip, zip and plain XML, whatever type and name the sender gives them")
    void readsDmarc() throws Exception {
        byte[] xml = DMARC.getBytes(UTF_8);
        assertThat(ReportReader.read(message("application/gzip", "far.test!example.org!1!2.xml.gz", gzip(xml))))
                .containsExactly(EXPECTED);
        assertThat(ReportReader.read(message("application/zip", "x.zip", zip(xml))))
                .containsExactly(EXPECTED);
        assertThat(ReportReader.read(message("application/octet-stream", "x.xml.gz", zip(xml))))
                .containsExactly(EXPECTED);
        assertThat(ReportReader.read(message("text/xml", "x", xml))).containsExactly(EXPECTED);
        byte[] whole = ("Content-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n"
                        + Base64.getMimeEncoder().encodeToString(gzip(xml)))
                .getBytes(ISO_8859_1);
        assertThat(ReportReader.read(whole)).containsExactly(EXPECTED);
    }

    @Test
    @DisplayName("TLS reports are read, with each policy's sessions and failures")
    void readsTls() throws Exception {
        ReceivedReport expected = new ReceivedReport.Tls(
                "far.test",
                "example.org",
                Instant.parse("2026-11-26T00:00:00Z"),
                Instant.parse("2026-11-26T23:59:59Z"),
                50,
                2,
                List.of(new ReceivedReport.TlsFailure("certificate-expired", "mx.example.org", 2)));
        byte[] json = TLS.getBytes(UTF_8);
        assertThat(ReportReader.read(message("application/tlsrpt+gzip", "r.json.gz", gzip(json))))
                .containsExactly(expected);
        assertThat(ReportReader.read(message("application/tlsrpt+json", "r.json", json)))
                .containsExactly(expected);
    }

    @Test
    @DisplayName("Ordinary mail has no reports")
    void ordinaryMail() throws Exception {
        assertThat(ReportReader.read("Subject: hi\r\n\r\n<feedback>\r\n".getBytes(UTF_8)))
                .isEmpty();
        assertThat(ReportReader.read(message("application/pdf", "x.pdf", new byte[] {1, 2})))
                .isEmpty();
        assertThat(ReportReader.read(new byte[0])).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<feedback><policy_published><domain>x</domain>",
                "<other/>",
                "<!DOCTYPE f [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><feedback>&e;</feedback>",
                "{\"policies\": [1]}",
                "{\"policies\": "
            })
    @DisplayName(
            "What claims to be a report and is none is an error, without entities and without its text in the message")
    void malformed(String content) {
        assertThatThrownBy(() -> ReportReader.read(message("application/xml", "x.xml", content.getBytes(UTF_8))))
                .isInstanceOf(ReportFormatException.class)
                .hasMessageNotContaining("passwd");
    }

    @Test
    @DisplayName("A report that grows beyond its limit when it is uncompressed is refused")
    void bomb() throws Exception {
        byte[] bomb = gzip(new byte[ReportReader.MAX_REPORT + 10]);
        assertThatThrownBy(() -> ReportReader.read(message("application/gzip", "x.gz", bomb)))
                .isInstanceOf(ReportFormatException.class)
                .hasMessageContaining("octets");
    }

    @Test
    @DisplayName("Control characters of a report do not reach the terminal")
    void controls() throws Exception {
        String xml = DMARC.replace("<org_name>far.test", "<org_name>far&#10;&#x9b;31m\u202etest");
        ReceivedReport report = ReportReader.read(message("text/xml", "x.xml", xml.getBytes(UTF_8)))
                .get(0);
        assertThat(report.organization()).isEqualTo("far 31m test");
    }
}
