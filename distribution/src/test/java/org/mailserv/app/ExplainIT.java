package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** What the server says of itself: where mail would go, where it went, and what the DNS lacks. */
@Timeout(180)
class ExplainIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private ScriptedDnsServer dns;
    private ServerProcess server;
    private ServerProcess destination;
    private Path home;

    @BeforeEach
    void start() throws IOException {
        dns = new ScriptedDnsServer()
                .mx("dest.test", 10, "mx.dest.test")
                .host("mx.dest.test", "127.0.0.2")
                .host("mx.test", "127.0.0.1");
        int out = free("127.0.0.2");
        int in = free("127.0.0.1");
        home = Files.createDirectories(folder.resolve("server"));
        server = ServerProcess.start(
                home,
                ServerProcess.CONFIG.replace(
                                "{ kind = smtp, address = \"127.0.0.1\", port = 0 }",
                                "{ kind = smtp, address = \"127.0.0.1\", port = " + in + " }")
                        + """
                relay-networks = ["127.0.0.0/8"]
                dns.servers = ["%s"]
                relay { port = %d, allow-loopback = true, retry.schedule = [1h] }
                domains."sample.org".aliases { far = ["ann@dest.test", "kim"] }
                """.formatted(dns.address(), out));
        destination = ServerProcess.start(Files.createDirectories(folder.resolve("destination")), """
                hostname = "mx.dest.test"
                data-dir = "data"
                domains { "dest.test" { mailboxes { ann { password = "{PLAIN}secret" } } } }
                listeners = [
                  { kind = smtp, address = "127.0.0.2", port = %d }
                  { kind = pop3, address = "127.0.0.1", port = 0 }
                ]
                """.formatted(out));
    }

    private static int free(String address) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
            return socket.getLocalPort();
        }
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        destination.close();
        dns.close();
    }

    private ServerProcess.Result mailserv(String... arguments) throws Exception {
        return ServerProcess.run(home, "", arguments);
    }

    @Test
    void saysWhereAMessageWouldGo() throws Exception {
        assertThat(mailserv("explain", "kim@sample.org").output()).contains("mailbox   kim@sample.org in ");
        assertThat(mailserv("explain", "far@sample.org").output())
                .contains("alias     -> mailbox kim@sample.org")
                .contains("alias     -> ann@dest.test")
                .contains("MX        10 mx.dest.test")
                .contains("mx.dest.test  127.0.0.2");
        assertThat(mailserv("explain", "nobody@sample.org").output()).contains("550 5.1.1");
        ServerProcess.Result none = mailserv("explain", "x@missing.test");
        assertThat(none.output()).contains("does not exist");
        assertThat(none.code()).isEqualTo(1);
        assertThat(mailserv("explain", "no address").code()).isEqualTo(2);
    }

    @Test
    void sendsATestAndShowsTheOtherSidesWords() throws Exception {
        ServerProcess.Result there = mailserv("test-delivery", "ann@dest.test");
        assertThat(there.output())
                .contains("taken by this server: 250 2.0.0 Ok: queued as")
                .contains("mta=\"mx.dest.test [127.0.0.2]\"")
                .contains("delivered");
        assertThat(there.code()).isZero();
        ServerProcess.Result refused = mailserv("test-delivery", "nobody@dest.test");
        assertThat(refused.output()).contains("550 5.1.1").contains("refused");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(mailserv("test-delivery", "kim@sample.org").output()).contains("mailbox=kim@sample.org");
    }

    @Test
    void tellsTheStoryOfAMessageAlsoAfterARestart() throws Exception {
        MailClient.send(server.smtpPort(), "doug@the-richardsons.org", "Subject: x\n\nbody\n", "nobody@dest.test");
        await().atMost(PATIENCE).until(() -> server.output().contains("event=refused"));
        String id = server.output().replaceAll("(?s).*?event=message-accepted \\S+ id=(\\S+).*", "$1");
        server.terminate();
        server.awaitExit();

        ServerProcess.Result story = mailserv("trace", id);
        assertThat(story.output())
                .startsWith(id)
                .contains("event=message-accepted")
                .contains("from=<doug@the-richardsons.org>")
                .contains("to=<nobody@dest.test>")
                .contains("550 5.1.1");
        assertThat(mailserv("trace", "Nobody@dest.test").output()).contains(id);
        assertThat(mailserv("trace", "a@b.test").code()).isEqualTo(1);
    }

    @Test
    void findsWhatIsNotPublished() throws Exception {
        dns.mx("sample.org", 10, "mx.test")
                .txt("sample.org", "v=spf1 mx -all")
                .txt("_dmarc.sample.org", "v=DMARC1; p=none");
        assertThat(mailserv("dkim", "keygen", "sample.org").code()).isZero();

        ServerProcess.Result result = mailserv("dns-check", "--probe", "", "--list", "");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.output())
                .contains("ok       mx.test A/AAAA: 127.0.0.1")
                .contains("WRONG    127.0.0.1 PTR: none")
                .contains("ok       sample.org MX: 10 mx.test")
                .contains("ok       sample.org SPF: v=spf1 mx -all")
                .contains("ok       _dmarc.sample.org TXT")
                .contains("_domainkey.sample.org TXT: none")
                .contains("WRONG    the-richardsons.org MX")
                .contains("publish: the-richardsons.org. IN MX 10 mx.test.");
    }
}
