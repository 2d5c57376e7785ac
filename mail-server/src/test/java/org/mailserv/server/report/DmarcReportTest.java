package org.mailserv.server.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.server.check.dkim.DkimResult;
import org.mailserv.server.check.dmarc.DmarcPolicy;
import org.mailserv.server.check.spf.SpfResult;
import org.mailserv.server.report.DmarcObservation.PublishedPolicy;
import org.mailserv.server.report.DmarcObservation.Row;
import org.mailserv.server.report.DmarcObservation.Signature;
import org.w3c.dom.Document;

class DmarcReportTest {
    private static final DmarcReport.Head HEAD =
            new DmarcReport.Head("mx.test", "postmaster@test", "id", LocalDate.of(2026, 11, 20));

    private static DmarcObservation observation(String domain, String name, String sender, String selector) {
        return new DmarcObservation(
                new PublishedPolicy(
                        domain, DmarcPolicy.REJECT, DmarcPolicy.QUARANTINE, DmarcPolicy.NONE, true, false, true),
                List.of("a@far.test", "b@far.test"),
                new Row(
                        "192.0.2.1",
                        DmarcPolicy.QUARANTINE,
                        true,
                        false,
                        name,
                        sender,
                        List.of(new Signature(name.replace("/", ""), selector, DkimResult.PASS)),
                        name,
                        SpfResult.SOFTFAIL));
    }

    @Test
    @DisplayName("U14: whatever strangers called themselves, a report is XML, and theirs are words in it")
    void strangersWords() throws Exception {
        String word = "a</domain><p>none</p>&amp;\r\n\u0000\u001b]]><!--\u00fc";
        DmarcObservation observation = observation(word, word, word, word);
        String xml = DmarcReport.xml(HEAD, List.of(observation, observation));
        assertThat(xml.chars()).allMatch(c -> c == '\n' || c >= ' ' && c <= '~');
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
        assertThat(document.getElementsByTagName("p").getLength()).isEqualTo(1);
        assertThat(document.getElementsByTagName("record").getLength()).isEqualTo(1);
        assertThat(document.getElementsByTagName("count").item(0).getTextContent())
                .isEqualTo("2");
        assertThat(document.getElementsByTagName("header_from").item(0).getTextContent())
                .isEqualTo("a</domain><p>none</p>&amp;????]]><!--?");
    }

    @Test
    @DisplayName("a report lists the policy and each kind of message once, indented for people")
    void wholeReport() {
        DmarcObservation bounce = observation("far.test", "news.far.test", "", "s1");
        assertThat(DmarcReport.xml(HEAD, List.of(bounce, bounce))).isEqualTo("""
                        <?xml version="1.0" encoding="UTF-8"?>
                        <feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">
                          <version>1.0</version>
                          <report_metadata>
                            <org_name>mx.test</org_name>
                            <email>postmaster@test</email>
                            <report_id>id</report_id>
                            <date_range>
                              <begin>1795132800</begin>
                              <end>1795219199</end>
                            </date_range>
                          </report_metadata>
                          <policy_published>
                            <domain>far.test</domain>
                            <discovery_method>treewalk</discovery_method>
                            <p>reject</p>
                            <sp>quarantine</sp>
                            <np>none</np>
                            <adkim>s</adkim>
                            <aspf>r</aspf>
                            <testing>y</testing>
                          </policy_published>
                          <record>
                            <row>
                              <source_ip>192.0.2.1</source_ip>
                              <count>2</count>
                              <policy_evaluated>
                                <disposition>quarantine</disposition>
                                <dkim>pass</dkim>
                                <spf>fail</spf>
                              </policy_evaluated>
                            </row>
                            <identifiers>
                              <header_from>news.far.test</header_from>
                            </identifiers>
                            <auth_results>
                              <dkim>
                                <domain>news.far.test</domain>
                                <selector>s1</selector>
                                <result>pass</result>
                              </dkim>
                              <spf>
                                <domain>news.far.test</domain>
                                <scope>helo</scope>
                                <result>softfail</result>
                              </spf>
                            </auth_results>
                          </record>
                        </feedback>
                        """);
    }

    @Test
    @DisplayName("an observation comes back from its columns as it was; other lines are left out")
    void columns() {
        DmarcObservation observation = observation("far.test", "news.far.test", "bounces.far.test", "s1");
        assertThat(observation.columns()).hasSize(17);
        assertThat(DmarcObservation.parse(observation.columns())).isEqualTo(observation);

        assertThat(DmarcObservation.parse(List.of("far.test"))).isNull();
        List<String> unknown = new ArrayList<>(observation.columns());
        unknown.set(1, "destroy");
        assertThat(DmarcObservation.parse(unknown)).isNull();
    }

    @Test
    @DisplayName("a signature whose names cannot be told apart is left out of the report, and the message is not")
    void oddSignatures() {
        DmarcObservation odd = observation("far.test", "news.far.test", "", "a/b");
        DmarcObservation read = DmarcObservation.parse(odd.columns());
        assertThat(read).isNotNull();
        assertThat(read.row().signatures()).isEmpty();
        assertThat(read.row().author()).isEqualTo("news.far.test");
    }
}
