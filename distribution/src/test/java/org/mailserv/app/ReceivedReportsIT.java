package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The reports that other servers send, from the mailbox to the terminal. */
@Timeout(60)
class ReceivedReportsIT {
    private static final String REPORT = """
            <feedback>
              <report_metadata><org_name>far.test</org_name>
                <date_range><begin>1795737600</begin><end>1795823999</end></date_range></report_metadata>
              <policy_published><domain>sample.org</domain><p>none</p></policy_published>
              <record><row><source_ip>192.0.2.66</source_ip><count>7</count><policy_evaluated>
                <disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
                <identifiers><header_from>sample.org</header_from></identifiers></record>
              <record><row><source_ip>192.0.2.1</source_ip><count>5</count><policy_evaluated>
                <disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row>
                <identifiers><header_from>sample.org</header_from></identifiers></record>
            </feedback>
            """;

    @TempDir
    Path folder;

    @Test
    @DisplayName("A report that arrives at the postmaster shows who sends in the name of the domain")
    void showsReports() throws Exception {
        try (ServerProcess server = ServerProcess.start(folder)) {
            String attachment = Base64.getMimeEncoder().encodeToString(REPORT.getBytes(StandardCharsets.UTF_8));
            MailClient.send(
                    server.smtpPort(),
                    "reports@far.test",
                    "From: reports@far.test\nContent-Type: text/xml; name=report.xml\nContent-Transfer-Encoding: base64\n\n"
                            + attachment.replace("\r", "") + "\n",
                    "postmaster@sample.org");
            MailClient.send(server.smtpPort(), "kim@far.test", "Subject: no report\n\nx\n", "postmaster@sample.org");

            ServerProcess.Outputs all = ServerProcess.runApart(folder, Map.of(), "received-reports");
            assertThat(all.data())
                    .startsWith("sample.org\n")
                    .contains("DMARC from far.test: 12 messages, 7 failed; policy none")
                    .containsPattern("7  192\\.0\\.2\\.66 +failed  dkim fail  spf fail")
                    .containsPattern("5  192\\.0\\.2\\.1 +passed");
            assertThat(all.code()).isZero();
            assertThat(ServerProcess.runApart(folder, Map.of(), "received-reports", "--failures", "kim@sample.org")
                            .data())
                    .contains("192.0.2.66")
                    .doesNotContain("192.0.2.1 ");
        }
        ServerProcess.Outputs unknown = ServerProcess.runApart(folder, Map.of(), "received-reports", "x@sample.org");
        assertThat(unknown.errors()).contains("x@sample.org has no mailbox here");
        assertThat(unknown.code()).isNotZero();
    }
}
