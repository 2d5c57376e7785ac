package org.mailserv.server.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class DmarcReportTest {
    @Test
    @DisplayName("U14: whatever strangers called themselves, a report is XML, and theirs are words in it")
    void strangersWords() throws Exception {
        String word = "a</domain><p>none</p>&amp;\r\n\u0000\u001b]]><!--\u00fc";
        List<String> observation = new ArrayList<>(Collections.nCopies(DmarcReport.FIELDS, word));
        // A list of signatures.
        observation.set(14, word.replace("/", "") + "/" + word.replace("/", "") + "/pass");
        String xml = DmarcReport.xml(
                new DmarcReport.Head("mx.test", "postmaster@test", "id", LocalDate.of(2026, 11, 20)),
                List.of(observation, observation));
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
}
