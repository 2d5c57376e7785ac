package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** Signed on the way out, judged on the way in. */
@Timeout(120)
class ChecksIT {
    private static final String DOUG = "doug@the-richardsons.org";
    private static final Pattern RECORD = Pattern.compile("(?m)^(\\S+)\\. IN TXT \\( (.*) \\)$");

    @TempDir
    Path folder;

    private List<String> mail(ServerProcess server) throws Exception {
        return MailClient.fetch(server.pop3Port(), DOUG, "secret");
    }

    @Test
    @DisplayName("U2: mail of our users is signed; what strangers send is judged, and by choice refused")
    void signsAndJudges() throws Exception {
        try (ScriptedDnsServer dns = new ScriptedDnsServer()) {
            String config = ServerProcess.CONFIG + "dns { servers = [\"" + dns.address() + "\"], timeout = 500ms }\n";
            ServerProcess.run(folder, "", "version");
            Files.writeString(folder.resolve("mailserv.conf"), config);
            ServerProcess.Result keygen = ServerProcess.run(folder, "", "dkim", "keygen", "the-richardsons.org");
            assertThat(keygen.code()).as(keygen.output()).isZero();
            Matcher record = RECORD.matcher(keygen.output());
            while (record.find()) {
                dns.txt(record.group(1), record.group(2).replaceAll("\" \"|\"", ""));
            }
            dns.txt("the-richardsons.org", "v=spf1 ip4:127.0.0.0/8 -all")
                    .txt("far.test", "v=spf1 exp=why.far.test -all");
            dns.txt("why.far.test", "%{i} is not ours");

            String signed;
            try (ServerProcess server = ServerProcess.start(folder, config + "relay-networks = [\"127.0.0.0/8\"]\n")) {
                MailClient.send(server.smtpPort(), DOUG, "From: " + DOUG + "\nSubject: x\n\nbody\n", DOUG);
                signed = mail(server).get(0);
                assertThat(signed)
                        .contains("a=rsa-sha256")
                        .contains("a=ed25519-sha256")
                        .doesNotContain("Authentication-Results");
            }
            String onward = signed.substring(signed.indexOf("DKIM-Signature"));
            try (ServerProcess server = ServerProcess.start(folder, config + "checks.exempt-networks = []\n")) {
                MailClient.send(server.smtpPort(), DOUG, onward, DOUG);
                MailClient.send(server.smtpPort(), DOUG, onward.replace("\nbody", "\nbooty"), DOUG);
                MailClient.send(server.smtpPort(), "a@far.test", "Subject: spf\n\nx\n", DOUG);
                assertThat(mail(server).stream().filter(text -> text.contains("Authentication-Results")))
                        .hasSize(3)
                        .anyMatch(text -> text.contains("spf=pass smtp.mailfrom=the-richardsons.org")
                                && text.split("dkim=pass", -1).length == 3)
                        .anyMatch(text -> text.contains("dkim=fail reason=\"body hash did not verify\""))
                        .anyMatch(
                                text -> text.contains("spf=fail smtp.mailfrom=far.test") && text.contains("dkim=none"));
            }
            try (ServerProcess server =
                    ServerProcess.start(folder, config + "checks { exempt-networks = [], spf = reject }\n")) {
                assertThatThrownBy(() -> MailClient.send(server.smtpPort(), "a@far.test", "Subject: x\n\nx\n", DOUG))
                        .hasMessageContaining("550 5.7.23")
                        .hasMessageContaining("127.0.0.1 is not ours");
                dns.trouble("the-richardsons.org", ScriptedDnsServer.Trouble.SILENCE);
                assertThatThrownBy(() -> MailClient.send(server.smtpPort(), DOUG, "Subject: late\n\nx\n", DOUG))
                        .hasMessageContaining("451 4.4.3");
            }
        }
    }

    @Test
    @DisplayName("U2: DMARC is applied by choice, and results that others wrote in our name go")
    void dmarc() throws Exception {
        try (ScriptedDnsServer dns = new ScriptedDnsServer()) {
            dns.txt("bank.test", "v=spf1 -all").txt("_dmarc.bank.test", "v=DMARC1; p=reject");
            dns.txt("_dmarc.shop.test", "v=DMARC1; p=quarantine");
            String config = ServerProcess.CONFIG + "dns { servers = [\"" + dns.address() + "\"], timeout = 500ms }\n"
                    + "checks { exempt-networks = [], dmarc = apply }\n";
            try (ServerProcess server = ServerProcess.start(folder, config)) {
                assertThatThrownBy(() -> MailClient.send(
                                server.smtpPort(), "a@far.test", "From: ceo@mail.bank.test\nSubject: x\n\nx\n", DOUG))
                        .hasMessageContaining("550 5.7.1");
                MailClient.send(
                        server.smtpPort(),
                        "a@far.test",
                        "Authentication-Results: mx.test; dmarc=pass\nFrom: a@shop.test\nSubject: x\n\nx\n",
                        DOUG);
                assertThat(mail(server))
                        .singleElement()
                        .satisfies(text -> assertThat(text)
                                .containsOnlyOnce("Authentication-Results:")
                                .contains("dmarc=fail reason=\"p=quarantine of shop.test\" header.from=shop.test")
                                .contains("X-Spam-Flag: YES"));
            }
        }
    }
}
