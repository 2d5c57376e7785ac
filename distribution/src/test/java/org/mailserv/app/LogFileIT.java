package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The log beside what rotates it, and beside what must not depend on its level. */
@Timeout(120)
class LogFileIT {
    @TempDir
    Path folder;

    private static void send(ServerProcess server) throws Exception {
        MailClient.send(server.smtpPort(), "kim@sample.org", "Subject: x\n\ny\n", "kim@sample.org");
    }

    @Test
    @DisplayName("a log file that was renamed, removed or cut short goes on under its name")
    void followsRotation() throws Exception {
        Path log = folder.resolve("mail.log");
        try (ServerProcess server = ServerProcess.start(folder, ServerProcess.CONFIG + "log.file = mail.log\n")) {
            Files.move(log, folder.resolve("mail.log.1"));
            assertThat(ServerProcess.run(folder, "", "reload").output()).contains("reloaded");
            await().until(() -> Files.exists(log) && Files.readString(log).contains("event=reloaded"));
            Files.delete(log);
            new ProcessBuilder("kill", "-HUP", Long.toString(server.process().pid()))
                    .start()
                    .waitFor();
            await().until(() -> Files.exists(log) && Files.readString(log).contains("event=reloaded"));
            Files.writeString(log, "");
            send(server);
            await().until(() -> Files.readString(log).contains("event=message-accepted"));
            assertThat(Files.readString(log)).doesNotContain("\0");
            // Without any signal: the next lines after a second find it.
            Files.move(log, folder.resolve("mail.log.2"));
            await().until(() -> {
                send(server);
                return Files.exists(log);
            });
        }
    }

    @Test
    @DisplayName("log.level changes the log, and nothing of metrics, plots and traces")
    void levelIsOfTheLogOnly() throws Exception {
        Path log = folder.resolve("mail.log");
        // A console of this level does not tell the ports that the system chose.
        int smtp = freePort();
        int http = freePort();
        String config = ServerProcess.CONFIG.replaceFirst("port = 0", "port = " + smtp)
                + "log { file = mail.log, level = error }\nhttp { enabled = true, port = " + http
                + ", admin-password = \"{PLAIN}secret-for-a-test\" }\n";
        try (ServerProcess server = ServerProcess.launch(folder, config)) {
            await().atMost(60, TimeUnit.SECONDS)
                    .ignoreExceptions()
                    .until(() -> metrics(http).contains("mailserv_build_info"));
            MailClient.send(smtp, "kim@sample.org", "Subject: x\n\ny\n", "kim@sample.org");
            await().untilAsserted(() ->
                    assertThat(metrics(http)).contains("mailserv_messages_accepted_total{source=\"smtp\"} 1.0\n"));
            assertThat(metrics(http))
                    .contains("mailserv_deliveries_total{result=\"delivered\",route=\"local\"} 1.0\n")
                    .contains("mailserv_queue_duration_seconds_count{route=\"local\"} 1\n");
            assertThat(get(http, "/api/traffic")).contains("\"accepted\":1,\"delivered\":1");
            await().until(() -> ServerProcess.run(folder, "", "trace", "kim@sample.org")
                    .output()
                    .contains("event=message-accepted"));
            assertThat(Files.readString(log)).doesNotContain("message-accepted");
            assertThat(server.output()).doesNotContain("message-accepted");
        }
    }

    private static String metrics(int port) throws Exception {
        return get(port, "/metrics");
    }

    private static String get(int port, String path) throws Exception {
        String login = Base64.getEncoder().encodeToString("admin:secret-for-a-test".getBytes(UTF_8));
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .header("Authorization", "Basic " + login)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
