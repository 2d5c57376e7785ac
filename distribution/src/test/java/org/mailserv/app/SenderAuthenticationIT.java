package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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

/** Forged mail that tries to get past DMARC, and good mail that must not suffer from it. */
@Timeout(180)
class SenderAuthenticationIT {
    private static final String DOUG = "doug@the-richardsons.org";
    private static final Pattern RECORD = Pattern.compile("(?m)^(\\S+)\\. IN TXT \\( (.*) \\)$");
    private static final String FAKE = "DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=s; h=from; bh=YQ==; b=YQ==\n";

    @TempDir
    Path folder;

    private static String config(ScriptedDnsServer dns, String checks) {
        return ServerProcess.CONFIG + "dns.servers = [\"" + dns.address() + "\", \"" + dns.address() + "\"]\n"
                + "checks { exempt-networks = [], dmarc = apply, timeout = 4s, " + checks + " }\n";
    }

    private String signed(ScriptedDnsServer dns) throws Exception {
        Files.writeString(folder.resolve("mailserv.conf"), ServerProcess.CONFIG);
        ServerProcess.Result keygen = ServerProcess.run(folder, "", "dkim", "keygen", "the-richardsons.org");
        assertThat(keygen.code()).as(keygen.output()).isZero();
        Matcher record = RECORD.matcher(keygen.output());
        while (record.find()) {
            dns.txt(record.group(1), record.group(2).replaceAll("\" \"|\"", ""));
        }
        try (ServerProcess server =
                ServerProcess.start(folder, ServerProcess.CONFIG + "relay-networks = [\"127.0.0.0/8\"]\n")) {
            String from = "From: Doe, Doug <doug @ the-richardsons.org> (home)\n";
            MailClient.send(server.smtpPort(), DOUG, from + "Subject: signed\n\nbody\n", DOUG);
            MailClient.send(server.smtpPort(), DOUG, "From: <>\nSubject: nobody\n\nbody\n", DOUG);
            await().until(() -> server.says("reason=\"no address with a domain in From\""));
            String signed = MailClient.fetch(server.pop3Port(), DOUG, "secret").stream()
                    .filter(text -> text.contains("Subject: signed"))
                    .findFirst()
                    .orElseThrow();
            assertThat(signed).contains("a=rsa-sha256").contains("a=ed25519-sha256");
            return signed.substring(signed.indexOf("DKIM-Signature"));
        }
    }

    @Test
    @DisplayName("A silent look-up lets nobody out of DMARC, and takes nothing from a signature that is good")
    void silentLookups() throws Exception {
        try (ScriptedDnsServer dns = new ScriptedDnsServer()) {
            String good = signed(dns);
            dns.txt("_dmarc.the-richardsons.org", "v=DMARC1; p=reject").txt("_dmarc.d.test", "v=DMARC1; p=reject");
            dns.trouble("s._domainkey.silent.test", ScriptedDnsServer.Trouble.SILENCE)
                    .trouble("s._domainkey.slow.d.test", ScriptedDnsServer.Trouble.SILENCE)
                    .trouble("spf.silent.test", ScriptedDnsServer.Trouble.SILENCE)
                    .trouble("_dmarc.dead.test", ScriptedDnsServer.Trouble.SILENCE);
            try (ServerProcess server = ServerProcess.start(folder, config(dns, ""))) {
                int port = server.smtpPort();
                String silent = FAKE.formatted("silent.test");
                MailClient.send(port, "a@spf.silent.test", silent + good, DOUG);
                assertThat(MailClient.fetch(server.pop3Port(), DOUG, "secret"))
                        .anyMatch(text -> text.contains("dkim=temperror")
                                && text.split("dkim=pass", -1).length == 3
                                && text.contains("spf=temperror")
                                && text.contains("dmarc=pass"));
                String forged = silent + FAKE.formatted("d.test") + "From: ceo@d.test\nSubject: x\n\nx\n";
                assertThatThrownBy(() -> MailClient.send(port, "a@spf.silent.test", forged, DOUG))
                        .hasMessageContaining("550 5.7.1");
                String perhaps = FAKE.formatted("slow.d.test") + "From: ceo@d.test\nSubject: x\n\nx\n";
                assertThatThrownBy(() -> MailClient.send(port, "a@far.test", perhaps, DOUG))
                        .hasMessageContaining("451 4.7.1");
                assertThatThrownBy(() -> MailClient.send(port, "a@far.test", "From: ceo@dead.test\n\nx\n", DOUG))
                        .hasMessageContaining("451 4.7.1");
            }
        }
    }

    @Test
    @DisplayName("A silent or failing DNS does not get mail past checks.spf = reject")
    void spfWithoutAnswer() throws Exception {
        try (ScriptedDnsServer dns = new ScriptedDnsServer()) {
            dns.txt("include.test", "v=spf1 include:spf.silent.test -all").txt("good.test", "v=spf1 +all");
            dns.trouble("spf.silent.test", ScriptedDnsServer.Trouble.SILENCE);
            try (ServerProcess server = ServerProcess.start(folder, config(dns, "spf = reject"))) {
                int port = server.smtpPort();
                for (String sender : List.of("a@spf.silent.test", "a@include.test")) {
                    assertThatThrownBy(() -> MailClient.send(port, sender, "From: x@good.test\n\nx\n", DOUG))
                            .as(sender)
                            .hasMessageContaining("451 4.4.3 SPF of ");
                }
                MailClient.send(port, "a@good.test", "From: x@good.test\n\nx\n", DOUG);
            }
            String marks = "spf = reject, spf-temperror = mark";
            try (ServerProcess server = ServerProcess.start(folder, config(dns, marks))) {
                MailClient.send(server.smtpPort(), "a@spf.silent.test", "From: x@good.test\n\nx\n", DOUG);
                assertThat(MailClient.fetch(server.pop3Port(), DOUG, "secret"))
                        .anyMatch(text -> text.contains("X-Spam-Flag: YES") && text.contains("spf=temperror"));
            }
        }
    }

    @Test
    @DisplayName("However From is written, the policy of the author that mail programs show applies")
    void fromForms() throws Exception {
        try (ScriptedDnsServer dns = new ScriptedDnsServer()) {
            dns.txt("_dmarc.d.test", "v=DMARC1; p=reject").txt("evil.test", "v=spf1 +all");
            dns.txt("_dmarc.xn--bcher-kva.test", "v=DMARC1; p=reject");
            try (ServerProcess server = ServerProcess.start(folder, config(dns, "invalid-from = mark"))) {
                int port = server.smtpPort();
                for (String header : List.of(
                        "From: Ann <ann@d.test (home)>",
                        "From: <ann @ d . test>",
                        "From: <mailto:ann@d.test>",
                        "From: x@evil.test\nFrom: ann@d.test",
                        "From: ann@d.test\nFrom: x@evil.test",
                        "From: x@evil.test, ann@d.test",
                        "From: x@evil.test\n\t, ann@d.test",
                        "From: Group: ann@d.test;",
                        "From: <@evil.test:ann@d.test>",
                        "From: <ann@d.test",
                        "From: \"ann@d.test\" ann@d.test",
                        "From: =?utf-8?b?YW5uQGQudGVzdA==?=",
                        "From: =?utf-8?q?ann=40d.test=00?=@evil.test",
                        "From: ann@b\u00C3\u00BCcher.test",
                        "From: ann@b\u00FCcher.test",
                        "From: ann@d.test\0",
                        "fROM :\n ann@d.test",
                        "X: y\n".repeat(5000) + "From: ann@d.test")) {
                    assertThatThrownBy(() -> MailClient.send(port, "x@evil.test", header + "\nSubject: x\n\nx\n", DOUG))
                            .as(header)
                            .hasMessageContaining("550 5.7.1 Rejected by the DMARC policy");
                }
                for (String header : List.of("Subject: none", "From: <>", "From: x@evil.test\nFrom: y@evil.test")) {
                    MailClient.send(port, "x@evil.test", header + "\n\nx\n", DOUG);
                }
                assertThat(MailClient.fetch(server.pop3Port(), DOUG, "secret"))
                        .hasSize(3)
                        .allMatch(text -> text.contains("X-Spam-Flag: YES") && text.contains("dmarc=permerror"));
            }
            try (ServerProcess server = ServerProcess.start(folder, config(dns, ""))) {
                int port = server.smtpPort();
                for (String header : List.of("Subject: none", "From: <>", "From: x@evil.test\nFrom: y@evil.test")) {
                    assertThatThrownBy(() -> MailClient.send(port, "x@evil.test", header + "\n\nx\n", DOUG))
                            .as(header)
                            .hasMessageContaining("550 5.7.1 The author cannot be told");
                }
                MailClient.send(port, "x@evil.test", "From: Doe, Ann <x@evil.test>\n\nx\n", DOUG);
            }
        }
    }

    @Test
    @DisplayName("The key in the zone of a DNS list is shown to nobody")
    void listKeys() throws Exception {
        try (ScriptedDnsServer dns = new ScriptedDnsServer()) {
            dns.host("1.0.0.127.s3cretkey.zen.dq.spam.test", "127.0.0.2");
            String zone = "zone = \"s3cretkey.zen.dq.spam.test\", subject = client, weight = 5";
            try (ServerProcess server =
                    ServerProcess.start(folder, config(dns, "lists { zones = [{ " + zone + " }] }"))) {
                assertThatThrownBy(() -> MailClient.send(server.smtpPort(), "x@e.test", "From: x@e.test\n\nx\n", DOUG))
                        .hasMessageContaining("listed by zen.dq.spam.test")
                        .hasMessageNotContaining("s3cret");
                await().until(() -> server.says("event=message-refused"));
                assertThat(server.output()).doesNotContain("s3cret");
            }
            String marking = "lists { refuse = false, zones = [{ " + zone + ", label = \"Spam Project\" }] }";
            try (ServerProcess server = ServerProcess.start(folder, config(dns, marking))) {
                MailClient.send(server.smtpPort(), "x@e.test", "From: x@e.test\n\nx\n", DOUG);
                assertThat(MailClient.fetch(server.pop3Port(), DOUG, "secret"))
                        .singleElement()
                        .satisfies(text -> assertThat(text)
                                .contains("dns.zone=\"Spam Project\"")
                                .doesNotContain("s3cret"));
            }
        }
    }
}
