package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** Aliases into other domains, made at the command line, between two jars. */
@Timeout(180)
class ForwardIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private ScriptedDnsServer dns;
    private ServerProcess destination;
    private ServerProcess server;
    private Path home;
    private int port;

    @BeforeEach
    void start() throws IOException {
        dns = new ScriptedDnsServer()
                .mx("dest.test", 10, "mx.dest.test")
                .host("mx.dest.test", "127.0.0.2")
                .mx("far.test", 10, "mx.dest.test")
                .mx("sample.org", 10, "mx.sample.org")
                .host("mx.sample.org", "127.0.0.3");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"))) {
            port = free.getLocalPort();
        }
        home = Files.createDirectories(folder.resolve("server"));
        server = ServerProcess.start(
                home,
                ServerProcess.CONFIG.replace(
                                "{ kind = smtp, address = \"127.0.0.1\", port = 0 }",
                                "{ kind = smtp, address = \"127.0.0.3\", port = " + port + " }\n"
                                        + "  { kind = smtp, address = \"127.0.0.1\", port = 0 }")
                        + """
                dns.servers = ["%s"]
                checks { spf = off, dmarc = off }
                relay { port = %d, allow-loopback = true, retry.schedule = [300ms] }
                """.formatted(dns.address(), port));
        Path place = Files.createDirectories(folder.resolve("destination"));
        destination = ServerProcess.start(place, """
                hostname = "mx.dest.test"
                data-dir = "data"
                domains {
                  "dest.test" { mailboxes { ann { password = "{PLAIN}secret" } }, aliases { back = ["loop@sample.org"] } }
                  "far.test" { mailboxes { kim { password = "{PLAIN}secret" } } }
                }
                listeners = [
                  { kind = smtp, address = "127.0.0.2", port = %d }
                  { kind = pop3, address = "127.0.0.1", port = 0 }
                ]
                pop3.plaintext-networks = ["127.0.0.0/8"]
                dns.servers = ["%s"]
                checks { spf = off, dmarc = off }
                relay { port = %d, allow-loopback = true, retry.schedule = [300ms] }
                """.formatted(port, dns.address(), port));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        destination.close();
        dns.close();
    }

    private String mailserv(String... arguments) throws Exception {
        ServerProcess.Result result = ServerProcess.run(home, "", arguments);
        assertThat(result.code()).as(result.output()).isZero();
        return result.output();
    }

    private void alias(String... arguments) throws Exception {
        mailserv(arguments);
        await().atMost(PATIENCE).until(() -> server.output().contains("event=users-reloaded"));
    }

    private String fetch(ServerProcess at, String user, String text) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(MailClient.fetch(at.pop3Port(), user, "secret"))
                        .anyMatch(message -> message.contains(text)));
        try {
            return MailClient.fetch(at.pop3Port(), user, "secret").stream()
                    .filter(message -> message.contains(text))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void forwardedMailHasASenderOfOursAndItsBounceFindsBack() throws Exception {
        alias("alias", "add", "team@sample.org", "ann@dest.test", "doug@the-richardsons.org", "gone@dest.test");
        assertThat(mailserv("alias", "list"))
                .contains("team@sample.org: ann@dest.test, doug@the-richardsons.org, gone@dest.test");

        MailClient.send(server.smtpPort(), "kim@far.test", "Subject: to all\n\nbody\n", "team@sample.org");

        String there = fetch(destination, "ann@dest.test", "Subject: to all");
        Matcher sender = Pattern.compile("Return-Path: <(SRS0=\\S+=far\\.test=kim@sample\\.org)>")
                .matcher(there);
        assertThat(sender.find()).as(there).isTrue();
        assertThat(fetch(server, "doug@the-richardsons.org", "Subject: to all"))
                .contains("Return-Path: <kim@far.test>");
        assertThat(fetch(destination, "kim@far.test", "gone@dest.test")).contains("Return-Path: <>");

        MailClient.send(server.smtpPort(), "", "Subject: a bounce\n\nbody\n", sender.group(1));
        fetch(destination, "kim@far.test", "Subject: a bounce");
        assertThat(server.output()).doesNotContain("Relaying denied");
    }

    @Test
    void anAliasThatLeadsBackEndsInABounceAndNotInALoop() throws Exception {
        alias("alias", "add", "loop@sample.org", "back@dest.test");

        MailClient.send(server.smtpPort(), "kim@far.test", "Subject: round\n\nbody\n", "loop@sample.org");

        assertThat(fetch(destination, "kim@far.test", "Subject: round")).contains("5.4.6");
        assertThat(server.output().split("event=message-accepted", -1)).hasSizeLessThan(8);
    }

    @Test
    void aRemovedAliasIsGone() throws Exception {
        alias("alias", "add", "info@sample.org", "doug@the-richardsons.org");
        assertThat(mailserv("alias", "remove", "info@sample.org")).contains("Removed info@sample.org");
        assertThat(mailserv("alias", "list")).doesNotContain("info@sample.org");
        assertThat(ServerProcess.run(home, "", "alias", "add", "x@elsewhere.test", "y")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void aHelperKnowsAccountsThatTheConfigurationDoesNot() throws Exception {
        Path script = home.resolve("check");
        Files.writeString(script, """
                #!/bin/sh
                given=$(tr '\\000' '|' <&3)
                case "$AUTHORIZED:$given" in
                  "1:eve@sample.org|"*) exit 0 ;;
                  1:*) exit 3 ;;
                  ":eve@sample.org|right|"*) exit 0 ;;
                  *) exit 1 ;;
                esac
                """);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        server.close();
        server = ServerProcess.start(
                home, ServerProcess.CONFIG + "password-helper.command = [\"" + script.toAbsolutePath() + "\"]\n");

        MailClient.send(server.smtpPort(), "kim@far.test", "Subject: for eve\n\nbody\n", "eve+news@sample.org");

        assertThat(MailClient.fetch(server.pop3Port(), "eve@sample.org", "right"))
                .hasSize(1);
        assertThat(assertThrowsOn(() -> MailClient.fetch(server.pop3Port(), "eve@sample.org", "wrong")))
                .contains("[AUTH]");
        assertThat(assertThrowsOn(() ->
                        MailClient.send(server.smtpPort(), "kim@far.test", "Subject: x\n\nbody\n", "adam@sample.org")))
                .contains("550 5.1.1");
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private static String assertThrowsOn(Attempt attempt) {
        try {
            attempt.run();
        } catch (IOException | AssertionError e) {
            return String.valueOf(e.getMessage());
        }
        throw new AssertionError("it worked");
    }
}
