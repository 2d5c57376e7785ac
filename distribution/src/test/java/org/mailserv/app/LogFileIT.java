package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
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
    @DisplayName("log.level changes the log, and nothing of metrics and stories")
    void levelIsOfTheLogOnly() throws Exception {
        Path log = folder.resolve("mail.log");
        // A console of this level does not tell the ports that the system chose.
        int smtp = freePort();
        int http = freePort();
        String config = ServerProcess.CONFIG.replaceFirst("port = 0", "port = " + smtp)
                + "log { file = mail.log, level = warn }\nhttp { enabled = true, port = " + http + " }\n";
        try (ServerProcess server = ServerProcess.launch(folder, config)) {
            await().ignoreExceptions().until(() -> metrics(http).contains("mailserv_build_info"));
            MailClient.send(smtp, "kim@sample.org", "Subject: x\n\ny\n", "kim@sample.org");
            await().untilAsserted(() ->
                    assertThat(metrics(http)).contains("mailserv_events_total{event=\"message-accepted\"} 1\n"));
            await().until(() -> ServerProcess.run(folder, "", "trace", "kim@sample.org")
                    .output()
                    .contains("event=message-accepted"));
            assertThat(Files.readString(log)).doesNotContain("message-accepted");
            assertThat(server.output()).doesNotContain("message-accepted");
        }
    }

    private static String metrics(int port) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
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
