package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.disk.FileNames;

/** Mail that was not delivered here, and mailboxes that were moved, over POP3. */
@Timeout(180)
class MailboxImportIT {
    private static final String DOUG = "doug@the-richardsons.org";

    @TempDir
    Path folder;

    private ServerProcess.Result mailserv(String... arguments) throws Exception {
        return ServerProcess.run(folder, "", arguments);
    }

    @Test
    @DisplayName("the command of the migration page, before the first start and again while the server runs")
    void importsAsThePageSays() throws Exception {
        Files.writeString(folder.resolve("mailserv.conf"), ServerProcess.CONFIG);
        Path cur = Files.createDirectories(folder.resolve("Maildir/cur"));
        Files.writeString(cur.resolve("1600000001.M1P1.host:2,S"), "Subject: one\n\nbody\n");
        assertThat(mailserv("mailbox", "import", DOUG, "Maildir").output()).contains("Imported 1 message into");
        try (ServerProcess server = ServerProcess.start(folder)) {
            Files.writeString(cur.resolve("1600000002.M1P1.host:2,S"), "Subject: two\n\nbody");
            ServerProcess.Result again = mailserv("mailbox", "import", DOUG, "Maildir");
            assertThat(again.output()).contains("Imported 1 message into").contains("1 there already");
            assertThat(again.code()).isZero();
            MailClient.send(server.smtpPort(), "a@b.test", "Subject: three\n\nx\n", DOUG);
            List<String> messages = MailClient.fetch(server.pop3Port(), DOUG, "secret");
            assertThat(messages).hasSize(3);
            assertThat(messages.get(0)).isEqualTo("Subject: one\n\nbody\n");
            assertThat(messages.get(1)).isEqualTo("Subject: two\n\nbody\n");
            assertThat(messages.get(2)).contains("Subject: three");
        }
    }

    @Test
    @DisplayName("a wrong path, or a file that is no mail, is said and is no success")
    void refusesWrongPaths() throws Exception {
        Files.writeString(folder.resolve("mailserv.conf"), ServerProcess.CONFIG);
        Files.createDirectories(folder.resolve("Maildir/cur"));
        Files.writeString(folder.resolve("Maildir/cur/1.bz2"), "BZh91AY&SY");
        for (String source : new String[] {"missing", "mailserv.conf", "."}) {
            ServerProcess.Result result = mailserv("mailbox", "import", DOUG, source);
            assertThat(result.code()).as(source).isNotZero();
            assertThat(result.output()).contains(source).doesNotContain("Imported", "at org.");
        }
        assertThat(mailserv("mailbox", "import", DOUG).code()).isNotZero();
        assertThat(mailserv("mailbox", "import", "nobody@sample.org", "Maildir").code())
                .isNotZero();
        assertThat(mailserv("mailbox", "export", "nobody@sample.org", "--maildir", "out")
                        .code())
                .isNotZero();
        ServerProcess.Result partly = mailserv("mailbox", "import", DOUG, "Maildir");
        assertThat(partly.code()).isEqualTo(1);
        assertThat(partly.output()).contains("1.bz2").contains("1 not readable");
    }

    @Test
    @DisplayName("a copy of the data folder that lost all file times numbers messages as the original")
    void keepsTheOrderInACopy() throws Exception {
        List<String> expected = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(folder)) {
            for (int i = 0; i < 40; i++) {
                MailClient.send(server.smtpPort(), "a@b.test", "Subject: n" + i + "\n\nx\n", DOUG);
                expected.add("n" + i);
            }
            assertThat(subjects(server)).isEqualTo(expected);
        }
        Path copy = Files.createDirectories(folder.resolve("copy"));
        try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(folder.relativize(file)));
            }
        }
        try (ServerProcess server = ServerProcess.start(copy)) {
            assertThat(subjects(server)).isEqualTo(expected);
        }
    }

    private static List<String> subjects(ServerProcess server) throws Exception {
        return MailClient.fetch(server.pop3Port(), DOUG, "secret").stream()
                .map(text -> text.replaceAll("(?s).*?(?:^|\n)Subject: (\\S+)\n.*", "$1"))
                .toList();
    }

    @Test
    @DisplayName("under LANG=C a file is served whatever its name")
    void servesEveryNameWithoutALocale() throws Exception {
        ServerProcess.Machine posix = ServerProcess.Machine.HEALTHY.with(Map.of("LC_ALL", "C", "LANG", "C"));
        try (ServerProcess server = ServerProcess.startOn(posix, folder, ServerProcess.CONFIG)) {
            MailClient.send(server.smtpPort(), "a@b.test", "Subject: ascii\n\nx\n", DOUG);
            Path fresh = folder.resolve("data/domains/the-richardsons.org/doug/new");
            Files.writeString(
                    FileNames.resolve(fresh, FileNames.text("1.gr\u00fcn".getBytes(ISO_8859_1))), "Subject: latin\n\n");
            Files.writeString(FileNames.resolve(fresh, "2.gr\u00fcn"), "Subject: utf8\n\n");
            assertThat(subjects(server).toString()).contains("ascii", "latin", "utf8");
        }
    }
}
