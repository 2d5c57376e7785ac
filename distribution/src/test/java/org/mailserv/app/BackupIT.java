package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** The spool without the server, and copies of everything with it. */
@Timeout(180)
class BackupIT {
    private static final String DOUG = "doug@the-richardsons.org";

    @TempDir
    Path folder;

    private ScriptedDnsServer dns;
    private ServerProcess server;
    private Path home;
    private String config;

    @BeforeEach
    void start() throws IOException {
        dns = new ScriptedDnsServer().trouble("slow.test", ScriptedDnsServer.Trouble.SERVFAIL);
        config = ServerProcess.CONFIG + "relay-networks = [\"127.0.0.0/8\"]\ndns.servers = [\"" + dns.address()
                + "\"]\nrelay.retry.schedule = [1h]\n";
        home = Files.createDirectories(folder.resolve("one"));
        server = ServerProcess.start(home, config);
        MailClient.send(server.smtpPort(), DOUG, "Subject: here\n\nbody\n", DOUG);
        MailClient.send(server.smtpPort(), DOUG, "Subject: waits\n\nfor slow\n", "ann@slow.test");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        dns.close();
    }

    private ServerProcess.Result mailserv(Path at, String... arguments) throws Exception {
        return ServerProcess.run(at, "", arguments);
    }

    @Test
    void aCopyOfTheRunningServerBecomesAnother() throws Exception {
        assertThat(ServerProcess.run(home, "secret\n", "user", "add", "--password-stdin", "new@sample.org")
                        .code())
                .isZero();
        assertThat(mailserv(home, "alias", "add", "x@sample.org", "new").code()).isZero();
        assertThat(mailserv(home, "domain", "add", "added.example").code()).isZero();
        assertThat(ServerProcess.run(home, "secret\n", "user", "add", "--password-stdin", "joe@added.example")
                        .code())
                .isZero();
        MailClient.send(server.smtpPort(), DOUG, "Subject: added\n\nbody\n", "joe@added.example");
        Path copy = folder.resolve("copy");

        ServerProcess.Result written = mailserv(home, "backup", copy.toString());

        assertThat(written.output()).contains("1 queued messages");
        assertThat(written.code()).isZero();
        assertThat(mailserv(home, "backup", copy.toString()).output()).contains("not empty");

        for (String inside : new String[] {"data/copy", "data/domains/sample.org/copy"}) {
            ServerProcess.Result refused = mailserv(home, "backup", inside);
            assertThat(refused.code()).isNotZero();
            assertThat(refused.output()).contains("which is copied");
            assertThat(home.resolve(inside)).doesNotExist();
        }

        Path other = Files.createDirectories(folder.resolve("two"));
        Files.writeString(other.resolve("mailserv.conf"), config);
        ServerProcess.Result restored = mailserv(other, "restore", copy.toString());
        assertThat(restored.code()).as(restored.output()).isZero();
        assertThat(mailserv(other, "restore", copy.toString()).output()).contains("has a spool already");
        try (ServerProcess second = ServerProcess.start(other, config)) {
            assertThat(MailClient.fetch(second.pop3Port(), DOUG, "secret"))
                    .singleElement()
                    .asString()
                    .contains("Subject: here");
            assertThat(MailClient.fetch(second.pop3Port(), "joe@added.example", "secret"))
                    .hasSize(1);
            assertThat(mailserv(other, "queue", "list").output()).contains("ann@slow.test");
            MailClient.send(second.smtpPort(), DOUG, "Subject: alias\n\nbody\n", "x@sample.org");
            assertThat(MailClient.fetch(second.pop3Port(), "new@sample.org", "secret"))
                    .hasSize(1);
        }
    }

    @Test
    void theSpoolOfADeadServerCanBeReadAndTakenOut() throws Exception {
        assertThat(mailserv(home, "spool", "list").output()).contains("the server runs");
        server.kill();

        String list = mailserv(home, "spool", "list").output();
        assertThat(list).contains("ann@slow.test");
        String id = list.strip().replaceAll("(?s)^.*?\\b([0-9a-z]{16})\\b.*$", "$1");
        assertThat(mailserv(home, "spool", "show", id).output()).contains(DOUG);
        assertThat(mailserv(home, "spool", "export", id).output())
                .contains("Received: ")
                .contains("Subject: waits\r\n\r\nfor slow\r\n");
        Path out = folder.resolve("out");
        assertThat(mailserv(home, "spool", "export", "--to", out.toString()).code())
                .isZero();
        assertThat(out.resolve(id + ".eml")).content().contains("for slow");
        ServerProcess.Result check = mailserv(home, "spool", "fsck");
        assertThat(check.output()).contains("1 messages, 0 with problems");
        assertThat(check.code()).isZero();
    }
}
