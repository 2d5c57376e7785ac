package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of a reload, with the jar: what takes effect does so as a whole, and a failure changes nothing. */
@Timeout(120)
class ReloadIT {
    /** Kim is gone, lee is new, and so is a domain: what must not be seen after a failure. */
    private static final String CHANGED = """
            domains = null
            domains {
              "sample.org" { mailboxes { lee { password = "{PLAIN}secret" } } }
              "new.example" { path = "moved", mailboxes { ann { password = "{PLAIN}secret" } } }
            }
            smtp.max-message-size = 77777
            """;

    @TempDir
    Path folder;

    private ServerProcess server;

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    /** A client that says lines and returns whole replies. */
    private static List<String> talk(int port, String... commands) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            List<String> replies = new ArrayList<>(List.of(reply(in, "")));
            for (String command : commands) {
                socket.getOutputStream().write((command + "\r\n").getBytes(ISO_8859_1));
                replies.add(reply(in, command));
            }
            return replies;
        }
    }

    private static String reply(BufferedReader in, String command) throws IOException {
        StringBuilder text = new StringBuilder();
        String line = in.readLine();
        boolean list = command.equals("CAPA") && line.startsWith("+OK");
        while (line != null && (list ? !line.equals(".") : line.matches("\\d{3}-.*"))) {
            text.append(line).append('\n');
            line = in.readLine();
        }
        return text.append(line).toString();
    }

    private String rcpt(String recipient) throws IOException {
        return talk(server.smtpPort(), "EHLO c.test", "MAIL FROM:<a@b.test>", "RCPT TO:<" + recipient + ">")
                .get(3);
    }

    private String login(String user) throws IOException {
        return talk(server.pop3Port(), "USER " + user, "PASS secret").get(2);
    }

    private ServerProcess.Result mailserv(String... arguments) throws Exception {
        return ServerProcess.run(folder, "", arguments);
    }

    private void write(String settings) throws IOException {
        Files.writeString(folder.resolve("mailserv.conf"), settings);
    }

    private void start(String settings) throws IOException {
        Files.writeString(folder.resolve("aliases"), "info@sample.org: kim\n");
        server = ServerProcess.start(folder, ServerProcess.CONFIG + "aliases-file = aliases\n" + settings);
    }

    /** Copies the self-signed certificate that the server has made, as PEM. */
    private String certificate() throws Exception {
        start("listeners += { kind = pop3s, address = \"127.0.0.1\", port = 0 }\n");
        stop();
        for (String file : List.of("self-signed.crt", "self-signed.key")) {
            Files.copy(folder.resolve("data/tls").resolve(file), folder.resolve(file));
        }
        return "listeners += { kind = pop3s, address = \"127.0.0.1\", port = 0 }\n"
                + "tls { look-interval = 1h, certificates = [ { certificate = self-signed.crt, key = self-signed.key } ] }\n";
    }

    @ParameterizedTest
    @ValueSource(strings = {"aliases", "dkim", "certificate", "route", "setting", "syntax", "first-account"})
    @DisplayName("a reload that fails changes nothing, by command, dry run and signal")
    void failsAsAWhole(String kind) throws Exception {
        String settings = kind.equals("certificate") ? certificate() : "";
        start(settings);
        String wanted = ServerProcess.CONFIG + "aliases-file = aliases\n" + settings + CHANGED;
        switch (kind) {
            case "aliases" -> {
                Files.delete(folder.resolve("aliases"));
                Files.createDirectory(folder.resolve("aliases"));
            }
            case "dkim" -> {
                Path keys = Files.createDirectories(folder.resolve("data/dkim/sample.org"));
                Files.writeString(keys.resolve("s1.rsa.1.pem"), "no key\n");
            }
            case "certificate" -> Files.writeString(folder.resolve("self-signed.crt"), "no certificate\n");
            case "route" -> wanted += "relay.routes { \"*\" { host = \"127.0.0.9\", port = 99999 } }\n";
            case "setting" -> wanted += "checks.timeout = soon\n";
            case "syntax" -> wanted += "nonsense {\n";
            default -> wanted += "first-account { address = nobody, password = secret }\n";
        }
        write(wanted);
        for (String option : List.of("", "--dry-run")) {
            ServerProcess.Result result = option.isEmpty() ? mailserv("reload") : mailserv("reload", option);
            assertThat(result.code()).as(result.output()).isEqualTo(78);
            assertThat(result.output()).doesNotContain("\tat ").doesNotContain("reloaded");
        }
        long failures = server.count("event=reload-failed");
        signal();
        await().until(() -> server.count("event=reload-failed") > failures);
        assertThat(server.output()).doesNotContain("event=reloaded");
        assertThat(login("kim@sample.org")).startsWith("+OK");
        assertThat(login("lee@sample.org")).startsWith("-ERR");
        assertThat(rcpt("info@sample.org")).startsWith("250");
        assertThat(rcpt("ann@new.example")).startsWith("550");
        assertThat(talk(server.smtpPort(), "EHLO c.test").get(1)).doesNotContain("SIZE 77777");
    }

    private void signal() throws Exception {
        new ProcessBuilder("kill", "-HUP", Long.toString(server.process().pid()))
                .start()
                .waitFor();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("what takes effect at a reload does so everywhere, by command and by signal")
    void takesEffect(boolean bySignal) throws Exception {
        start("");
        write(ServerProcess.CONFIG + "aliases-file = aliases\n" + CHANGED + """
                primary-domain = "new.example"
                first-account { address = "first@new.example", password = secret }
                relay-networks = ["127.0.0.0/8"]
                xclient-networks = ["127.0.0.0/8"]
                smtp { max-recipients = 1, vrfy = true, greet-pause = 10ms }
                pop3.implementation = Changed
                relay.routes { "far.test" { host = "127.0.0.1", port = %d } }
                checks.lists { zones = [ { zone = "bl.test", subject = client, weight = 1 } ] }
                shutdown-timeout = 1s
                """.formatted(closedPort()));
        if (bySignal) {
            signal();
            await().until(() -> server.says("event=reloaded restart-needed=[]"));
        } else {
            assertThat(mailserv("reload").output()).isEqualTo("reloaded\n");
        }
        assertThat(login("kim@sample.org")).startsWith("-ERR");
        assertThat(login("lee@sample.org")).startsWith("+OK");
        // The primary domain, for logins, for names in SMTP, and in the pickup folder.
        assertThat(login("ann")).startsWith("+OK");
        assertThat(login("first")).startsWith("+OK");
        List<String> replies = talk(
                server.smtpPort(),
                "EHLO c.test",
                "VRFY x",
                "MAIL FROM:<a@b.test>",
                "RCPT TO:<x@far.test>",
                "RCPT TO:<ann@new.example>");
        assertThat(replies.get(1)).contains("SIZE 77777").contains("XCLIENT").contains("RCPTMAX=1");
        assertThat(replies.get(2)).startsWith("252");
        assertThat(replies.get(4)).startsWith("250");
        assertThat(replies.get(5)).startsWith("452");
        assertThat(talk(server.pop3Port(), "USER ann", "PASS secret", "CAPA").get(3))
                .contains("IMPLEMENTATION Changed");
        MailClient.send(server.smtpPort(), "a@b.test", "Subject: x\n\ny\n", "ann@new.example");
        assertThat(folder.resolve("moved/ann/new")).isNotEmptyDirectory();
        assertThat(folder.resolve("data/domains/new.example/ann")).doesNotExist();
        drop("small", "a@b.test\nann\nSubject: x\n\nhello\n");
        await().until(() -> MailClient.fetch(server.pop3Port(), "ann", "secret").size() == 2);
        drop("large", "a@b.test\nann\nSubject: x\n\n" + "hello\n".repeat(20_000));
        await().until(() -> Files.exists(folder.resolve("data/spool/pickup/refused/large")));
        assertThat(mailserv("reload").output()).isEqualTo("reloaded\n");
        assertThat(mailserv("reload", "--dry-run").output()).isEqualTo("nothing would change\n");
    }

    private void drop(String name, String text) throws IOException {
        Path pickup = folder.resolve("data/spool/pickup");
        Files.writeString(pickup.resolve("." + name), text);
        Files.move(pickup.resolve("." + name), pickup.resolve(name));
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    @DisplayName("what needs a restart is named by command, dry run and log, and stays as it is everywhere")
    void namesWhatNeedsARestart() throws Exception {
        // Nobody answers at that port: all results are errors, but they are there.
        String checks = "checks { exempt-networks = [], timeout = 1s }\ndns.servers = [\"127.0.0.1:9\"]\n";
        start(checks);
        write(ServerProcess.CONFIG.replace("mx.test", "other.test") + checks + """
                aliases-file = aliases
                domains."sample.org".path = elsewhere
                tag-separators = "-"
                pickup.settle = 1s
                reports.dmarc = true
                checks.greylist { enabled = true, delay = 2m }
                relay.retry.lifetime = 3d
                log.level = error
                smtp.max-message-size = 77777
                """);
        String keys = "hostname, tag-separators, domains.\"sample.org\".path, relay.retry.lifetime, pickup.settle,"
                + " checks.greylist.enabled, checks.greylist.delay, reports.dmarc, log.level";
        assertThat(mailserv("reload", "--dry-run").output())
                .contains("hostname: mx.test -> other.test   (only after a restart)")
                .containsPattern("(?m)^smtp.max-message-size: [0-9]+ -> 77777$")
                .contains("checks.greylist.delay: 1 min -> 2 min   (only after a restart)");
        assertThat(mailserv("reload").output()).isEqualTo("reloaded; only after a restart: " + keys + "\n");
        await().until(() -> server.says("event=reloaded restart-needed=[" + keys + "]"));
        List<String> replies =
                talk(server.smtpPort(), "EHLO c.test", "MAIL FROM:<a@b.test>", "RCPT TO:<kim+x@sample.org>");
        assertThat(replies.get(0)).startsWith("220 mx.test");
        assertThat(replies.get(1)).startsWith("250-mx.test").contains("SIZE 77777");
        assertThat(replies.get(3)).startsWith("250");
        MailClient.send(server.smtpPort(), "a@b.test", "From: a@b.test\nSubject: x\n\ny\n", "kim@sample.org");
        assertThat(MailClient.fetch(server.pop3Port(), "kim@sample.org", "secret")
                        .get(0))
                .contains("by mx.test")
                .contains("Authentication-Results: mx.test")
                .doesNotContain("other.test");
        assertThat(folder.resolve("elsewhere")).doesNotExist();
        // Still named: it is still not in effect.
        assertThat(mailserv("reload").output()).isEqualTo("reloaded; only after a restart: " + keys + "\n");
    }
}
