package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The sendmail program of the jar, as cron, PHP and mail readers call it, with and without a locale. */
@Timeout(180)
class SendmailIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ANN = "ann@example.test";
    private static final String BOB = "bob@example.test";
    private static final String CONFIG = """
            hostname = "mx.example.test"
            data-dir = "data"
            domains {
              "example.test" {
                mailboxes { bob { password = "{PLAIN}secret" }, ann { password = "{PLAIN}secret" } }
                aliases { "jürgen" = ["bob"] }
                postmaster = "ann"
              }
            }
            listeners = [
              { kind = smtp, address = "127.0.0.1", port = 0 }
              { kind = pop3, address = "127.0.0.1", port = 0 }
            ]
            pop3.plaintext-networks = ["127.0.0.0/8"]
            pickup.settle = 50ms
            """;

    @TempDir
    Path folder;

    private ServerProcess server;

    @BeforeEach
    void start() throws IOException {
        server = ServerProcess.start(folder, CONFIG);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private int sendmail(String input, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("sendmail"));
        all.addAll(List.of(arguments));
        return ServerProcess.run(folder, input, all.toArray(String[]::new)).code();
    }

    /** By SMTP to the running server, as for a user who may not write into the pickup folder. */
    private int bySmtp(String input, String... arguments) throws Exception {
        String config = CONFIG.replaceFirst("port = 0", "port = " + server.smtpPort()) + "pickup.enabled = false\n";
        Files.writeString(folder.resolve("smtp.conf"), config);
        List<String> all = new ArrayList<>(List.of("-c", "smtp.conf", "sendmail"));
        all.addAll(List.of(arguments));
        return ServerProcess.run(folder, input, all.toArray(String[]::new)).code();
    }

    private void awaitMail(String user, String text) {
        // The client reads an octet a char.
        String octets = new String(text.getBytes(UTF_8), ISO_8859_1);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(MailClient.fetch(server.pop3Port(), user, "secret"))
                        .anyMatch(message -> message.contains(octets)));
    }

    @Test
    @DisplayName("cron's mail for bare root reaches the postmaster, by file and by SMTP")
    void cron() throws Exception {
        String job = "From: \"(Cron Daemon)\" <root>\nTo: root\nSubject: Cron job\n\noutput ä\n";
        assertThat(sendmail(job, "-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root"))
                .isZero();
        awaitMail(
                ANN,
                "From: \"(Cron Daemon)\" <root@example.test>\nTo: root@example.test\nSubject: Cron job\n\noutput ä\n");
        assertThat(bySmtp("Subject: smtp\n\nx\n", "-i", "-FCron Daemon", "-B8BITMIME", "-oem", "-f", "root", "root"))
                .isZero();
        awaitMail(ANN, "From: Cron Daemon <root@example.test>\nSubject: smtp\n\nx\n");
    }

    @Test
    @DisplayName("mail for an unknown name exits with 67, by file and by SMTP, and the other recipients get it")
    void unknownName() throws Exception {
        assertThat(sendmail("x\n", "nobody")).isEqualTo(67);
        assertThat(bySmtp("x\n", "nobody")).isEqualTo(67);
        assertThat(sendmail("one\n", "nobody", "ann")).isEqualTo(67);
        assertThat(bySmtp("two\n", "nobody@mx.example.test", "ann@localhost")).isEqualTo(67);
        awaitMail(ANN, "\n\none\n");
        awaitMail(ANN, "\n\ntwo\n");
    }

    @Test
    @DisplayName("a dropped file for an unknown name comes back to its sender, or to the postmaster")
    void bounces() throws Exception {
        Path pickup = folder.resolve("data/spool/pickup");
        Files.writeString(pickup.resolve(".one"), "bob\nnobody\nfirst\n");
        Files.move(pickup.resolve(".one"), pickup.resolve("one"));
        awaitMail(BOB, "nobody@example.test");
        Files.writeString(pickup.resolve(".two"), "nobody\nsomebody@mx.example.test\nsecond\n");
        Files.move(pickup.resolve(".two"), pickup.resolve("two"));
        awaitMail(ANN, "second");
        assertThat(pickup.resolve("refused")).isEmptyDirectory();
    }

    @Test
    @DisplayName("arguments are UTF-8 without a locale as well, and addresses outside ASCII go by SMTPUTF8")
    void withoutLocale() throws Exception {
        for (String[] start : new String[][] {{"sendmail"}, {"-c", "smtp.conf", "sendmail"}}) {
            bySmtp("warm\n", "ann");
            List<String> command = new ArrayList<>(List.of(
                    "env",
                    "-i",
                    System.getProperty("java.home") + "/bin/java",
                    "-jar",
                    System.getProperty("mailserv.jar")));
            command.addAll(List.of(start));
            command.addAll(List.of("-F", "Jürgen Ü", "-f", "jürgen", "jürgen"));
            Path input = Files.writeString(folder.resolve("input"), "Subject: " + start.length + "\n\nx\n");
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(input.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            awaitMail(BOB, "From: =?UTF-8?B?SsO8cmdlbiDDnA==?= <jürgen@example.test>\nSubject: " + start.length);
        }
    }

    @Test
    @DisplayName("-bs takes a whole session at once, with LF and without QUIT")
    void smtpOnStandardInput() throws Exception {
        assertThat(bySmtp("EHLO x\nMAIL FROM:<root>\nRCPT TO:<ann>\nDATA\nSubject: piped\n\n..dot\n.\n", "-bs"))
                .isZero();
        awaitMail(ANN, "Subject: piped\n\n.dot\n");
        assertThat(bySmtp("EHLO x\nMAIL FROM:<root>\nRCPT TO:<ann>\nDATA\nhalf", "-bs"))
                .isEqualTo(74);
    }

    @Test
    @DisplayName("a message goes by file while the server is down, and exits with 75 where no file may be left")
    void serverDown() throws Exception {
        int port = server.smtpPort();
        server.close();
        assertThat(sendmail("later\n", "-i", "root")).isZero();
        assertThat(sendmail("x\n", "nobody")).isEqualTo(67);
        Files.writeString(
                folder.resolve("down.conf"),
                CONFIG.replaceFirst("port = 0", "port = " + port) + "pickup.enabled = false\n");
        assertThat(ServerProcess.run(folder, "x\n", "-c", "down.conf", "sendmail", "ann")
                        .code())
                .isEqualTo(75);
        server = ServerProcess.start(folder, CONFIG);
        awaitMail(ANN, "later");
    }

    @Test
    @DisplayName("a message that is bigger than the server takes is refused while somebody listens")
    void tooBig() throws Exception {
        Files.writeString(folder.resolve("mailserv.conf"), CONFIG + "smtp.max-message-size = 100K\n");
        assertThat(sendmail("x".repeat(200_000), "ann")).isEqualTo(69);
        assertThat(folder.resolve("data/spool/pickup").toFile().list()).containsExactlyInAnyOrder("claimed", "refused");
    }

    @Test
    @DisplayName("usage, data and configuration have exit codes of sysexits")
    void exitCodes() throws Exception {
        assertThat(sendmail("x")).isEqualTo(64);
        assertThat(sendmail("", "-t")).isEqualTo(64);
        assertThat(sendmail("x", "-N", "maybe", "ann")).isEqualTo(64);
        assertThat(sendmail("x", "-bd")).isEqualTo(64);
        assertThat(sendmail("x", "@@")).isEqualTo(65);
        assertThat(sendmail("To: two words\n\nx", "-t")).isEqualTo(65);
        assertThat(ServerProcess.run(folder, "x", "-c", "none.conf", "sendmail", "ann")
                        .code())
                .isEqualTo(78);
        assertThat(sendmail("", "-bi")).isZero();
        assertThat(sendmail("", "-bv", "root", "ann")).isZero();
        assertThat(sendmail("", "-bv", "nobody")).isEqualTo(67);
        assertThat(ServerProcess.run(folder, "", "mailq").output()).contains("0 messages");
    }
}
