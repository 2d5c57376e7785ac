package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS and logins with real clients. */
@Timeout(180)
class TlsIT {
    @TempDir
    static Path folder;

    private static ServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        certificate("one.test", "one");
        certificate("two.test", "two");
        certificate("old.test", "changing");
        server = ServerProcess.start(folder, ServerProcess.CONFIG + """
                listeners = [
                  { kind = smtp, address = "127.0.0.1", port = 0 }
                  { kind = submission, address = "127.0.0.1", port = 0 }
                  { kind = submissions, address = "127.0.0.1", port = 0 }
                  { kind = pop3, address = "127.0.0.1", port = 0 }
                  { kind = pop3s, address = "127.0.0.1", port = 0 }
                ]
                pop3.plaintext-networks = []
                login.failure-delay = 100ms
                tls.look-interval = 200ms
                http { enabled = true, port = 0, tls { enabled = true, address = "127.0.0.1", port = 0 } }
                tls.certificates = [
                  { certificate = "one.crt", key = "one.key" }
                  { certificate = "two.crt", key = "two.key" }
                  { certificate = "changing.crt", key = "changing.key" }
                ]
                """);
    }

    private static void certificate(String host, String name) throws Exception {
        Tools.openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/CN=" + host,
                "-keyout",
                folder.resolve(name + ".key").toString(),
                "-out",
                folder.resolve(name + ".crt").toString());
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    @DisplayName("Python logs in by PLAIN, LOGIN and SCRAM over STARTTLS, TLS and STLS, and by nothing in the open")
    void everyWayToLogIn() throws Exception {
        assertThat(Tools.python(
                        "tls.py",
                        server.port("submission"),
                        server.port("submissions"),
                        server.port("pop3"),
                        server.port("pop3s"),
                        server.port("smtp")))
                .contains("all well");
        assertThat(server.says("with ESMTPSA") || server.says("event=login ")).isTrue();
        assertThat(server.output()).doesNotContain("secret").doesNotContain("c2VjcmV0");
    }

    private static String client(String options) throws Exception {
        return client("submissions", options);
    }

    private static String client(String listener, String options) throws Exception {
        Tools.assumeOpenssl();
        return Tools.run(
                "sh",
                "-c",
                "openssl s_client -connect 127.0.0.1:" + server.port(listener) + " " + options
                        + " </dev/null 2>&1; true");
    }

    @Test
    @DisplayName("openssl gets the certificate for the name that it asks for, TLS 1.2 and 1.3, and not 1.1")
    void protocolsAndNames() throws Exception {
        assertThat(client("-servername two.test -tls1_3"))
                .containsPattern("CN ?= ?two.test")
                .contains("New, TLSv1.3");
        assertThat(client("-servername other.test -tls1_2"))
                .containsPattern("CN ?= ?one.test")
                .contains("New, TLSv1.2");
        assertThat(client("-servername one.test -tls1_1")).doesNotContain("one.test");
    }

    @Test
    @DisplayName("A changed certificate is used without a restart, also for HTTP, and a bad one is not")
    void changesCertificates() throws Exception {
        certificate("three.test", "three");
        Files.move(folder.resolve("three.key"), folder.resolve("changing.key"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(folder.resolve("three.crt"), folder.resolve("changing.crt"), StandardCopyOption.REPLACE_EXISTING);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(client("-servername three.test")).contains("three.test"));

        assertThat(client("https", "-servername three.test")).contains("three.test");

        Files.writeString(folder.resolve("changing.crt"), "garbage");
        await().atMost(Duration.ofSeconds(30)).until(() -> server.says("event=certificate-refused"));
        assertThat(client("-servername three.test")).contains("three.test");
    }

    @Test
    @DisplayName("Without a certificate one is made, for nobody else to read")
    void makesItsOwn() throws Exception {
        Path place = Files.createDirectories(folder.resolve("own"));
        try (ServerProcess own = ServerProcess.start(place)) {
            Path key = place.resolve("data/tls/self-signed.key");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                    .isEqualTo("rw-------");
            assertThat(own.says("event=self-signed-certificate-made")).isTrue();
        }
    }
}
