package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.testing.ForeignPrograms;

/** Certificates from pebble, the CA for tests of Let's Encrypt, with its faults switched on. */
@Tag("peers")
@Timeout(300)
class AcmeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** A third of the requests fails with badNonce, and half of the validations are repeated. */
    private static final Map<String, String> FAULTS = Map.of("PEBBLE_WFE_NONCEREJECT", "30", "PEBBLE_AUTHZREUSE", "50");

    @TempDir
    Path folder;

    private Path place(String name) throws Exception {
        return Files.createDirectories(folder.resolve(name));
    }

    /** Returns the certificate that a client of the submissions port gets. */
    private static X509Certificate served(ServerProcess server) throws Exception {
        X509ExtendedTrustManager anybody = new X509ExtendedTrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {anybody}, null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port("submissions"))) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static void awaitIssued(ServerProcess server) throws Exception {
        await().atMost(PATIENCE).until(() -> issuer(server).contains("Pebble"));
    }

    private static String issuer(ServerProcess server) throws Exception {
        return served(server).getIssuerX500Principal().getName();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http-01", "tls-alpn-01"})
    @DisplayName("gets a certificate in spite of faults, without a blocked name, and serves it without a restart")
    void getsCertificate(String challenge) throws Exception {
        try (Pebble pebble = Pebble.start(place("ca"), FAULTS, 0);
                ServerProcess server =
                        ServerProcess.start(place("server"), ServerProcess.CONFIG + pebble.settings(challenge))) {
            awaitIssued(server);
            assertThat(served(server).getSubjectAlternativeNames().toString())
                    .contains("mx.test", "mta-sts.sample.org", "autodiscover.the-richardsons.org")
                    .doesNotContain("autoconfig.sample.org");
            try (var files = Files.list(place("server").resolve("data/tls/acme"))) {
                assertThat(files)
                        .hasSize(5)
                        .allSatisfy(
                                file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                                        .isEqualTo("rw-------"));
            }
            ServerProcess.Result state = ServerProcess.run(place("server"), "", "tls");
            assertThat(state.code()).isZero();
            assertThat(state.output())
                    .contains("_25._tcp.mx.test. IN TLSA 3 1 1 ", "autoconfig.sample.org is not in it", "policy");
            byte[] key = served(server).getPublicKey().getEncoded();
            ServerProcess.Result renewed = ServerProcess.run(place("server"), "", "tls", "renew");
            assertThat(renewed.code()).as(renewed.output()).isZero();
            assertThat(server.count("event=certificate-issued")).isEqualTo(2);
            assertThat(served(server).getPublicKey().getEncoded()).isEqualTo(key);
            ServerProcess.Result changed = ServerProcess.run(place("server"), "", "tls", "rollover", "--now");
            assertThat(changed.code()).as(changed.output()).isZero();
            assertThat(served(server).getPublicKey().getEncoded()).isNotEqualTo(key);
            assertThat(issuer(server)).contains("Pebble");
        }
    }

    @Test
    @DisplayName("starts without the CA, says what is wrong, and gets the certificate once the CA is there")
    void outage() throws Exception {
        try (Pebble pebble = Pebble.start(place("ca"), FAULTS, 0)) {
            pebble.stopCa();
            String settings = ServerProcess.CONFIG + pebble.settings("http-01")
                    + "http { enabled = true, port = 0, admin-password = \"{PLAIN}x\" }\n"
                    + "domains.\"sample.org\".postmaster = kim\n";
            try (ServerProcess server = ServerProcess.start(place("server"), settings)) {
                await().atMost(PATIENCE).until(() -> server.says("event=certificate-failed"));
                assertThat(served(server).getIssuerX500Principal().getName()).contains("mx.test");
                String ready = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create("http://127.0.0.1:" + server.port("http") + "/readyz"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
                assertThat(ready)
                        .startsWith("ok\n")
                        .contains("the CA localhost cannot be reached", "port " + pebble.port)
                        .doesNotContain("Exception");
                await().atMost(PATIENCE)
                        .until(() -> String.join("", MailClient.fetch(server.port("pop3"), "kim@sample.org", "secret"))
                                .contains("No new certificate for mx.test"));
                pebble.startCa();
                awaitIssued(server);
                assertThat(server.output()).doesNotContain("Exception");
            }
            pebble.stopCa();
            try (ServerProcess again = ServerProcess.start(place("server"), settings)) {
                assertThat(served(again).getIssuerX500Principal().getName()).contains("Pebble");
                assertThat(again.says("event=certificate-requested")).isFalse();
            }
        }
    }

    @Test
    @DisplayName("tells whom the CA reached instead, and a server that restarts all the time does not ask all the time")
    void refused() throws Exception {
        try (Pebble pebble = Pebble.start(place("ca"), FAULTS, 0)) {
            String settings = ServerProcess.CONFIG
                    + pebble.settings("http-01")
                    + "tls.acme { retry = [1h], http.port = " + Pebble.freePort() + " }\n";
            for (int i = 0; i < 3; i++) {
                try (ServerProcess server = ServerProcess.start(place("server"), settings)) {
                    if (i == 0) {
                        await().atMost(PATIENCE).until(() -> server.says("event=certificate-failed"));
                        assertThat(server.output()).contains("mx.test", "let the CA reach mx.test on port 80");
                    } else {
                        ServerProcess.Result state = ServerProcess.run(place("server"), "", "tls");
                        assertThat(state.output()).contains("let the CA reach mx.test on port 80");
                        assertThat(server.says("event=certificate-requested")).isFalse();
                    }
                }
            }
        }
    }

    @Test
    @DisplayName("DNS-01 by a command, with a wildcard")
    void dnsByCommand() throws Exception {
        try (Pebble pebble = Pebble.start(place("ca"), FAULTS, 0)) {
            Path hook = Files.writeString(folder.resolve("hook"), """
                #!/bin/sh
                case $1 in
                  add) data="{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}"; verb=set-txt ;;
                  *) data="{\\"host\\":\\"$2.\\"}"; verb=clear-txt ;;
                esac
                exec curl -sf -d "$data" http://127.0.0.1:%d/$verb
                """.formatted(pebble.dnsManagement));
            Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
            ForeignPrograms.assumeAble("curl", "curl", "curl", "--version");
            try (ServerProcess server = ServerProcess.start(
                    place("server"),
                    ServerProcess.CONFIG + pebble.settings("dns-01")
                            + "tls.acme { domains = [\"*.sample.org\"], dns { propagation-wait = 0s, command = [\""
                            + hook
                            + "\"] } }\n")) {
                awaitIssued(server);
                assertThat(served(server).getSubjectAlternativeNames().toString())
                        .contains("mx.test", "*.sample.org");
            }
        }
    }

    @Test
    @DisplayName("DNS-01 by signed updates of BIND (RFC 2136, RFC 8945), and words for a wrong key")
    void dnsByUpdate() throws Exception {
        ForeignPrograms.assumeAble("BIND", "BIND 9", "sh", "-c", "PATH=$PATH:/usr/sbin named -v");
        int port = Pebble.freePort();
        Path zone = place("bind");
        Files.writeString(zone.resolve("test.zone"), """
            $TTL 60
            @ IN SOA ns.test. hostmaster.test. 1 60 60 600 1
            @ IN NS ns.test.
            ns IN A 127.0.0.1
            mx IN A 127.0.0.1
            """);
        String secret = "bm90IGEgc2VjcmV0LCBmb3IgYSB0ZXN0IG9ubHkhISE=";
        Files.writeString(zone.resolve("named.conf"), """
            options { directory "%s"; listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; }; recursion no;
              pid-file none; session-keyfile "%s/session.key"; dnssec-validation no; allow-transfer { none; }; };
            key "acme-key" { algorithm hmac-sha256; secret "%s"; };
            controls { };
            zone "test" { type primary; file "test.zone"; update-policy { grant acme-key subdomain test. TXT; }; };
            """.formatted(zone, port, zone, secret));
        Process named = new ProcessBuilder(
                        "sh", "-c", "PATH=$PATH:/usr/sbin exec named -g -c " + zone.resolve("named.conf"))
                .redirectErrorStream(true)
                .redirectOutput(zone.resolve("log").toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(30)).until(() -> Pebble.isOpen(port));
            for (String key : List.of(secret, "d3Jvbmc=")) {
                Path here = place("server-" + key.length());
                try (Pebble pebble = Pebble.start(place("ca-" + key.length()), FAULTS, port);
                        ServerProcess server = ServerProcess.start(
                                here,
                                ServerProcess.CONFIG + pebble.settings("dns-01")
                                        + "tls.acme.dns { propagation-wait = 0s, server = \"127.0.0.1:" + port
                                        + "\", key-name = acme-key, key-secret = \"" + key + "\" }\n")) {
                    if (key.equals(secret)) {
                        awaitIssued(server);
                    } else {
                        await().atMost(PATIENCE).until(() -> server.says("event=certificate-failed"));
                        assertThat(server.output()).containsPattern("BADSIG|NOTAUTH|TSIG key");
                    }
                }
            }
        } finally {
            named.destroyForcibly().waitFor();
        }
    }
}
