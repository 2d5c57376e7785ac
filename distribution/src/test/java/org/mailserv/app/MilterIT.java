package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ForeignPrograms;

/** Filters as Debian has them, asked by the jar. What is not installed is skipped. */
@Tag("peers")
@Timeout(180)
class MilterIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

    @TempDir
    Path folder;

    private Process filter;
    private ServerProcess server;
    private int port;

    @BeforeEach
    void choosePort() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (filter != null) {
            filter.destroy();
            if (!filter.waitFor(10, TimeUnit.SECONDS)) {
                filter.destroyForcibly();
            }
        }
    }

    private void startFilter(String... command) throws IOException {
        filter = new ProcessBuilder(List.of(command))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("filter.log").toFile())
                .start();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return socket.isConnected();
            }
        });
    }

    private void startServer(String more) throws IOException {
        server = ServerProcess.start(
                folder,
                ServerProcess.CONFIG + "milters { filters = [ { address = \"inet:127.0.0.1:" + port + "\" } ]" + more
                        + " }\n");
    }

    private static String message(String body) {
        return "From: a@b.test\nTo: kim@sample.org\nSubject: x\nDate: Sat, 21 Nov 2026 08:00:00 +0000\nMessage-ID: <x@b.test>\n\n"
                + body + "\n";
    }

    @Test
    @DisplayName("U2: OpenDKIM as a filter adds its field, message after message")
    void openDkim() throws Exception {
        Path config = Files.writeString(folder.resolve("opendkim.conf"), """
                Mode v
                Background no
                AlwaysAddARHeader yes
                RequireSafeKeys no
                AuthservID filter.test
                """);
        ForeignPrograms.assumeAble("OpenDKIM", "OpenDKIM Filter v2", "/usr/sbin/opendkim", "-V");
        startFilter("/usr/sbin/opendkim", "-f", "-x", config.toString(), "-p", "inet:" + port + "@127.0.0.1");
        startServer("");
        for (int i = 0; i < 3; i++) {
            MailClient.send(server.smtpPort(), "a@b.test", message("hello"), "kim@sample.org");
        }
        assertThat(MailClient.fetch(server.pop3Port(), "kim@sample.org", "secret"))
                .hasSize(3)
                .allMatch(text -> text.contains("Authentication-Results: filter.test; dkim=none"));
    }

    @Test
    @DisplayName("U2: rspamd as a filter lets mail in over one connection, and refuses the test pattern for spam")
    void rspamd() throws Exception {
        Path config = Files.writeString(folder.resolve("rspamd.conf"), """
                options { filters = "regexp"; dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }
                  pidfile = "%1$s/rspamd.pid"; gtube_patterns = "all"; }
                logging { type = "console"; level = "info"; }
                worker "rspamd_proxy" { bind_socket = "127.0.0.1:%2$d"; milter = yes; timeout = 20s; count = 1;
                  upstream "local" { default = yes; self_scan = yes; } }
                metric { name = "default"; actions { reject = 15; add_header = 6; } }
                """.formatted(folder, port));
        ForeignPrograms.assumeAble("rspamd", "[23]\\.", "/usr/bin/rspamd", "--version");
        ForeignPrograms.assumeAble("the user of rspamd", "[0-9]", "id", "-u", "_rspamd");
        startFilter("/usr/bin/rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", config.toString());
        startServer(", reuse = true");
        for (int i = 0; i < 3; i++) {
            MailClient.send(server.smtpPort(), "a@b.test", message("hello"), "kim@sample.org");
        }
        assertThat(MailClient.fetch(server.pop3Port(), "kim@sample.org", "secret"))
                .hasSize(3);
        String refusal = "";
        try {
            MailClient.send(server.smtpPort(), "a@b.test", message(GTUBE), "kim@sample.org");
        } catch (IOException e) {
            refusal = String.valueOf(e.getMessage());
        }
        assertThat(refusal).contains("554 5.7.1");
        assertThat(MailClient.fetch(server.pop3Port(), "kim@sample.org", "secret"))
                .hasSize(3);
    }
}
