package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** The queue as its operator has it, and the folder that programs use. */
@Timeout(180)
class QueueIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String DOUG = "doug@the-richardsons.org";

    @TempDir
    Path folder;

    private ScriptedDnsServer dns;
    private ServerProcess server;

    @BeforeEach
    void start() throws IOException {
        dns = new ScriptedDnsServer()
                .trouble("slow.test", ScriptedDnsServer.Trouble.SERVFAIL)
                .trouble("other.test", ScriptedDnsServer.Trouble.SERVFAIL);
        server = ServerProcess.start(
                folder,
                ServerProcess.CONFIG
                        + "relay-networks = [\"127.0.0.0/8\"]\ndns.servers = [\"" + dns.address() + "\"]\n"
                        + "relay.retry.schedule = [1h]\npickup.settle = 50ms\n");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        dns.close();
    }

    private String mailserv(String... arguments) throws Exception {
        ServerProcess.Result result = ServerProcess.run(folder, "", arguments);
        assertThat(result.code()).as(result.output()).isZero();
        return result.output();
    }

    private String send(String recipient) throws IOException {
        MailClient.send(server.smtpPort(), DOUG, "Subject: x\n\nbody\n", recipient);
        await().atMost(PATIENCE).until(() -> server.output().contains("reason=\"4.4.3"));
        return server.output().replaceAll("(?s).*event=message-accepted \\S+ id=(\\S+).*", "$1");
    }

    @Test
    @DisplayName("queue list, show, hold, release, retry and remove, with the server up and down")
    void queue() throws Exception {
        String id = send("ann@slow.test");
        send("bob@other.test");

        assertThat(mailserv("queue", "list"))
                .contains("ann@slow.test")
                .contains("could not be asked")
                .contains("2 messages");
        assertThat(mailserv("queue", "list", "--domain", "slow.test"))
                .contains(id)
                .contains("1 message");
        assertThat(mailserv("queue", "list", "--json", "--recipient", "ann@slow.test"))
                .contains("{\"id\":\"" + id + "\",\"queue\":\"deferred\",\"sender\":\"" + DOUG + "\"");
        assertThat(mailserv("queue", "hold", id, "--reason", "looks odd"))
                .containsPattern(id + " +hold ")
                .contains("1 message put on hold\n");
        assertThat(mailserv("queue", "show", id))
                .contains("held since 20")
                .contains(": looks odd")
                .contains("tries 1")
                .doesNotContain("next");

        server.close();
        assertThat(mailserv("queue", "list", "--sender", DOUG)).contains(id).contains("2 messages");
        mailserv("queue", "remove", "--domain", "other.test");
        assertThat(mailserv("queue", "list")).contains("hold").contains("1 message\n");

        server = ServerProcess.start(folder, Files.readString(folder.resolve("mailserv.conf")));
        int before = dns.questions("slow.test", ScriptedDnsServer.MX);
        mailserv("queue", "release", id);
        await().atMost(PATIENCE).until(() -> dns.questions("slow.test", ScriptedDnsServer.MX) > before);
        int again = dns.questions("slow.test", ScriptedDnsServer.MX);
        mailserv("queue", "retry", "--all");
        await().atMost(PATIENCE).until(() -> dns.questions("slow.test", ScriptedDnsServer.MX) > again);
        mailserv("queue", "remove", id);
        assertThat(mailserv("queue", "list")).isEqualTo("0 messages\n");
        for (String verb : new String[] {"show", "list", "retry", "hold", "release", "remove", "bounce"}) {
            ServerProcess.Result result = ServerProcess.run(folder, "", "queue", verb, id);
            assertThat(result.code()).as(verb).isEqualTo(1);
            assertThat(result.output()).as(verb).contains("mailserv: " + id + ": no message in the queue has this id");
        }
        assertThat(ServerProcess.run(folder, "", "queue", "remove").code()).isNotZero();
    }

    @Test
    @DisplayName("remove and bounce act on recipients: the others of the message stay, with the server up and down")
    void recipients() throws Exception {
        MailClient.send(
                server.smtpPort(), DOUG, "Subject: x\n\nbody\n", "ann@slow.test", "bob@slow.test", "cy@other.test");
        await().atMost(PATIENCE).until(() -> mailserv("queue", "list", "--json").contains("next_try\":\"20"));

        assertThat(mailserv("queue", "remove", "--domain", "other.test", "--dry-run"))
                .contains("dry run: 1 recipient of 1 message would be removed\n");
        assertThat(mailserv("queue", "list")).contains("cy@other.test");
        assertThat(mailserv("queue", "remove", "--domain", "other.test"))
                .contains("    2 recipients stay\n")
                .contains("1 recipient of 1 message removed\n");
        assertThat(mailserv("queue", "list")).contains("ann@slow.test").doesNotContain("cy@other.test");
        assertThat(server.output())
                .containsPattern("event=queue-remove id=\\S+ to=<cy@other.test> by=\"\\S+")
                .contains("event=queue-order action=remove")
                .contains("selection=\"domain other.test\" messages=1 recipients=1 problems=0");

        assertThat(mailserv("queue", "bounce", "--to", "ann@slow.test", "--reason", "wrong address"))
                .contains("<ann@slow.test> returned to the sender")
                .contains("1 recipient of 1 message returned to the sender\n");
        awaitMail("cancelled by an administrator");
        assertThat(mailserv("queue", "list")).contains("bob@slow.test").doesNotContain("<ann@slow.test>");
        assertThat(ServerProcess.run(folder, "", "queue", "remove", "--to", "ann@slow.test")
                        .code())
                .isEqualTo(1);
        assertThat(mailserv("queue", "remove", "--older-than", "1h")).isEqualTo("0 recipients of 0 messages removed\n");

        server.close();
        assertThat(mailserv("queue", "bounce", "--to", "bob@slow.test", "--dry-run"))
                .contains("dry run: 1 recipient of 1 message would be returned to the sender");
        assertThat(mailserv("queue", "bounce", "--to", "bob@slow.test"))
                .contains("1 recipient of 1 message returned to the sender");
        server = ServerProcess.start(folder, Files.readString(folder.resolve("mailserv.conf")));
        awaitMail("Final-Recipient: rfc822; bob@slow.test");
        assertThat(MailClient.fetch(server.pop3Port(), DOUG, "secret"))
                .hasSize(2)
                .anyMatch(text -> text.contains("Final-Recipient: rfc822; ann@slow.test")
                        && text.contains("wrong address")
                        && !text.contains("bob@slow.test"));
        assertThat(mailserv("queue", "list")).isEqualTo("0 messages\n");
    }

    @Test
    @DisplayName("the wait of a destination, its reason and its next try stand wherever a message is shown")
    void whyItIsLate() throws Exception {
        String first = send("ann@slow.test");
        MailClient.send(server.smtpPort(), DOUG, "Subject: y\n\nbody\n", "ben@slow.test");

        String shown = mailserv("queue", "list", "--to", "ben@slow.test");

        assertThat(shown).containsPattern("next try 20\\S+ \\(in (1 h|5\\d min)");
        assertThat(shown)
                .contains("deliveries to slow.test are paused: 1 attempt has failed since")
                .contains("could not be asked");
        assertThat(ServerProcess.run(folder, "", "explain", "ben@slow.test").output())
                .contains("deliveries to slow.test are paused");
        assertThat(mailserv("trace", first)).contains("now in the queue:").contains("next try 20");
        assertThat(server.output()).doesNotContainPattern("wait=-?PT");
    }

    private void awaitMail(String text) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(MailClient.fetch(server.pop3Port(), DOUG, "secret"))
                        .anyMatch(message -> message.contains(text)));
    }

    private void drop(String name, String text) throws IOException {
        Path pickup = folder.resolve("data/spool/pickup");
        Files.writeString(pickup.resolve("." + name), text);
        Files.move(pickup.resolve("." + name), pickup.resolve(name));
    }

    @Test
    @DisplayName("F1, M12: files of every form are picked up once; a bad one is set aside with its reason")
    void pickup() throws Exception {
        drop("lines", "kim@sample.org\n" + DOUG + "\nplain body\n");
        awaitMail("To: <" + DOUG + ">\n\nplain body\n");
        drop(
                "send-file",
                "MAILSERV SENDER FILE\r\nkim\r\nsample.org\r\ndoug\r\nthe-richardsons.org\r\n<END>\r\nSubject: m12\r\n\r\nx\r\n");
        awaitMail("Subject: m12\n\nx\n");
        drop(
                "message",
                "From: kim@sample.org\nTo: \"Doug, R.\" <" + DOUG
                        + ">\nBcc: rebecca@the-richardsons.org\nSubject: rfc\n\ny\n");
        awaitMail("Subject: rfc\n\ny\n");
        assertThat(MailClient.fetch(server.pop3Port(), "rebecca@the-richardsons.org", "secret"))
                .singleElement()
                .satisfies(text -> assertThat(text)
                        .doesNotContain("Bcc")
                        .contains("\nDate: ")
                        .contains("\nMessage-ID: <"));
        drop("bad", "no\nsense @ all\n");
        Path reason = folder.resolve("data/spool/pickup/refused/bad.reason");
        await().atMost(PATIENCE)
                .until(() -> Files.exists(reason) && !Files.readString(reason).isEmpty());
        assertThat(MailClient.fetch(server.pop3Port(), DOUG, "secret")).hasSize(3);
    }

    @Test
    @DisplayName(
            "a file from the future, as behind a clock that was set back, is picked up when it has been left alone")
    void pickupFromTheFuture() throws Exception {
        Path hidden = folder.resolve("data/spool/pickup/.future");
        Files.writeString(hidden, "kim@sample.org\n" + DOUG + "\nfrom the future\n");
        Files.setLastModifiedTime(hidden, FileTime.from(Instant.now().plus(Duration.ofHours(1))));
        Files.move(hidden, hidden.resolveSibling("future"));
        awaitMail("from the future");
    }

    @Test
    @DisplayName("sendmail takes what cron, git and PHP give it")
    void sendmail() throws Exception {
        ServerProcess.Result result = ServerProcess.run(
                folder,
                "To: " + DOUG + "\nBcc: rebecca@the-richardsons.org\nSubject: t\n\nbody\n.\nmore\n",
                "sendmail",
                "-t",
                "-oi",
                "-f",
                "kim@sample.org",
                "-F",
                "Kim S.");
        assertThat(result.code()).as(result.output()).isZero();
        awaitMail("From: \"Kim S.\" <kim@sample.org>\nTo: " + DOUG + "\nSubject: t\n\nbody\n.\nmore\n");
        assertThat(MailClient.fetch(server.pop3Port(), "rebecca@the-richardsons.org", "secret"))
                .hasSize(1);
        assertThat(ServerProcess.run(folder, "Subject: x\n\n", "sendmail", "-t").code())
                .isEqualTo(64);
        assertThat(ServerProcess.run(folder, "x\n", "sendmail", "-i", "@@").code())
                .isEqualTo(65);
    }

    @Test
    @DisplayName("mailbox exports and imports as mbox and as Maildir, and what comes back is the same")
    void mailbox() throws Exception {
        String text = "Subject: one\n\nFrom me\n>From you\n.dot\n\n";
        MailClient.send(server.smtpPort(), "a@b.test", text, DOUG);
        MailClient.send(server.smtpPort(), "a@b.test", "Subject: two\n\nx\n", DOUG);
        String before = String.join(
                "",
                MailClient.fetch(server.pop3Port(), DOUG, "secret").stream()
                        .sorted()
                        .toList());
        mailserv("mailbox", "export", DOUG, "--mbox", "out.mbox");
        mailserv("mailbox", "export", DOUG, "--maildir", "out");
        assertThat(mailserv("mailbox", "import", "kim@sample.org", "--mbox", "out.mbox"))
                .contains("Imported 2 messages");
        mailserv("mailbox", "import", "crowd@sample.org", "--maildir", "out");
        for (String user : new String[] {"kim@sample.org", "crowd@sample.org"}) {
            assertThat(String.join(
                            "",
                            MailClient.fetch(server.pop3Port(), user, "secret").stream()
                                    .sorted()
                                    .toList()))
                    .isEqualTo(before);
        }
        assertThat(mailserv("mailbox", "list")).containsPattern("2 +\\d+  kim@sample.org");
        assertThat(mailserv("mailbox", "check")).contains("0 found");
        assertThat(ServerProcess.run(folder, "", "mailbox", "import", "nobody@sample.org", "--mbox", "out.mbox")
                        .code())
                .isNotZero();
    }
}
