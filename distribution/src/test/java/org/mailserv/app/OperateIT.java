package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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

/** Command line, log file, health and metrics of a running server. */
@Timeout(120)
class OperateIT {
    @TempDir
    Path folder;

    private static HttpResponse<String> get(int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    @DisplayName(
            "U4, U5: options of the command line win over the file; the log goes to a file; health and metrics answer")
    void operates() throws Exception {
        try (ServerProcess server = ServerProcess.start(
                folder,
                ServerProcess.CONFIG + "http { enabled = true, port = 0 }\n"
                        + "relay.routes { \"far.test\" { host = \"127.0.0.9\", port = 2 } }\n",
                "run",
                "--queue-root",
                "elsewhere",
                "--log-file",
                "logs/mail.log",
                "--relay-networks",
                "127.0.0.0/8,::1",
                "--max-workers",
                "1",
                "--retry-time",
                "2d",
                "--set",
                "smtp.max-recipients=7")) {
            int port = server.port("http");
            assertThat(get(port, "/livez").statusCode()).isEqualTo(200);
            assertThat(get(port, "/readyz").statusCode()).isEqualTo(200);
            assertThat(get(port, "/nothing").statusCode()).isEqualTo(404);
            MailClient.send(
                    server.smtpPort(), "doug@the-richardsons.org", "Subject: x\n\ny\n", "kim@sample.org", "a@far.test");
            await().untilAsserted(() -> assertThat(get(port, "/metrics").body())
                    .contains("mailserv_messages_accepted_total{source=\"smtp\"} 1.0\n")
                    .contains("mailserv_sessions{kind=\"pop3\"} 0.0\n"));
            assertThat(folder.resolve("elsewhere/spool")).isDirectory();
            await().until(() ->
                    Files.readString(folder.resolve("logs/mail.log")).contains("event=message-accepted"));
        }
    }

    @Test
    @DisplayName("check-config warns of what is risky, and --strict takes that for errors")
    void warns() throws Exception {
        Files.writeString(
                folder.resolve("mailserv.conf"),
                ServerProcess.CONFIG.replace("127.0.0.1", "*")
                        + "relay-networks = [\"0.0.0.0/0\"]\nrelay.retry.lifetime = 2h\n");
        ServerProcess.Result lenient = ServerProcess.run(folder, "", "check-config");
        assertThat(lenient.code()).as(lenient.output()).isZero();
        assertThat(lenient.output())
                .contains("mailserv.conf: 20: relay-networks 0.0.0.0/0")
                .contains("mailserv.conf: 21: relay.retry.lifetime")
                .contains("no DKIM key");
        assertThat(ServerProcess.run(folder, "", "check-config", "--strict").code())
                .isNotZero();
    }

    @Test
    @DisplayName("A JSON log is an object a line")
    void json() throws Exception {
        try (ServerProcess server =
                ServerProcess.start(folder, ServerProcess.CONFIG + "log { file = \"mail.json\", format = json }\n")) {
            assertThat(server.smtpPort()).isPositive();
            await().until(() -> Files.readString(folder.resolve("mail.json")).contains("event=ready"));
            assertThat(Files.readAllLines(folder.resolve("mail.json"))).allMatch(line -> line.startsWith("{"));
        }
    }

    @Test
    @DisplayName("init writes a configuration that works, an account and keys, and prints what the DNS has to say")
    void init() throws Exception {
        String data = folder.resolve("data").toString();
        ServerProcess.Result result = ServerProcess.run(
                folder,
                "",
                "-c",
                "first.conf",
                "init",
                "--yes",
                "--hostname",
                "mx.example.org",
                "--domain",
                "example.org",
                "--account",
                "joe@example.org",
                "--data-dir",
                data);
        assertThat(result.code()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("example.org. IN MX    10 mx.example.org.")
                .contains("\"v=spf1 mx -all\"")
                .contains("._domainkey.example.org. IN TXT ( \"v=DKIM1; k=rsa; p=");
        String password = result.output().replaceAll("(?s).*password (\\S+) .*", "$1");
        try (ServerProcess server = ServerProcess.start(folder, Files.readString(folder.resolve("first.conf")) + """
                listeners = [
                  { kind = smtp, address = "127.0.0.1", port = 0 }
                  { kind = pop3, address = "127.0.0.1", port = 0 }
                ]
                pop3.plaintext-networks = ["127.0.0.0/8"]
                """)) {
            MailClient.send(server.smtpPort(), "a@b.test", "Subject: x\n\ny\n", "postmaster@example.org");
            assertThat(MailClient.fetch(server.pop3Port(), "joe@example.org", password))
                    .hasSize(1);
        }
        assertThat(ServerProcess.run(folder, "", "-c", "first.conf", "init", "--yes")
                        .code())
                .isNotZero();
    }

    @Test
    @DisplayName("init prints one JSON object, and leaves no configuration behind if its data folder cannot be made")
    void initForPrograms() throws Exception {
        String names = "--json --hostname mx.example.org --domain example.org --data-dir ";
        Files.writeString(folder.resolve("file"), "in the way");
        ServerProcess.Result failed =
                ServerProcess.run(folder, "", ("-c first.conf init " + names + "file/data").split(" "));
        assertThat(failed.code()).isNotZero();
        assertThat(folder.resolve("first.conf")).doesNotExist();

        ServerProcess.Result made = ServerProcess.run(folder, "", ("-c first.conf init " + names + "data").split(" "));
        assertThat(made.code()).as(made.output()).isZero();
        assertThat(made.output().strip().lines()).hasSize(1);
        assertThat(made.output())
                .contains("\"account\":\"postmaster@example.org\"", "\"password\":\"", "\"data_dir\":\"")
                .contains("\"example.org. IN MX    10 mx.example.org.\"");
        assertThat(ServerProcess.run(
                                folder,
                                "",
                                "-c",
                                "second.conf",
                                "init",
                                "--hostname",
                                "mx.example.org",
                                "--domain",
                                "exa mple")
                        .output())
                .contains("\"exa mple\" cannot be a mail domain");
    }

    @Test
    @DisplayName("init without a terminal and without names refuses, and never takes a name that the DNS cannot have")
    void initGuessesNoNames() throws Exception {
        for (String names :
                new String[] {"", "--hostname mx.example.org", "--domain example.org", "--yes --hostname localhost"}) {
            ServerProcess.Result result = ServerProcess.run(
                    folder, "", ("-c first.conf init " + names).strip().split(" +"));
            assertThat(result.code()).as(result.output()).isEqualTo(2);
            assertThat(result.output()).contains("--hostname");
            assertThat(folder.resolve("first.conf")).doesNotExist();
        }
    }
}
