package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users, aliases, domains, app passwords and vacation replies on a running server, by its command line and its API. */
class AccountsIT {
    private static final String KIM = "kim@sample.org";
    private static final String ANN = "ann@new.example";

    @TempDir
    Path folder;

    private ServerProcess server;

    @BeforeEach
    void start() throws Exception {
        server = ServerProcess.start(folder, ServerProcess.CONFIG + """
                http { enabled = true, port = 0, admin-password = "{PLAIN}opensesame" }
                plaintext-auth-networks = ["127.0.0.0/8"]
                listeners = [
                  { kind = smtp, address = "127.0.0.1", port = 0 }
                  { kind = pop3, address = "127.0.0.1", port = 0 }
                  { kind = submission, address = "127.0.0.1", port = 0 }
                ]
                """);
        run("", "domain", "add", "new.example");
        run("secret\n", "user", "add", ANN, "--password-stdin", "--quota", "1M");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private String run(String input, String... arguments) throws Exception {
        ServerProcess.Result result = ServerProcess.run(folder, input, arguments);
        assertThat(result.code()).as(result.output()).isZero();
        return result.output();
    }

    private void fails(String text, String... arguments) throws Exception {
        ServerProcess.Result result = ServerProcess.run(folder, "x\n", arguments);
        assertThat(result.code()).as(result.output()).isNotZero();
        assertThat(result.output().strip().lines()).as(result.output()).hasSize(1);
        assertThat(result.output()).contains(text);
    }

    private boolean popLogin(String password) throws Exception {
        try {
            MailClient.fetch(server.pop3Port(), ANN, password);
            return true;
        } catch (AssertionError | IOException refused) {
            return false;
        }
    }

    /** A session of SMTP. */
    private static final class Smtp implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;

        Smtp(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(60_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            reply();
        }

        String say(String line) throws IOException {
            OutputStream out = socket.getOutputStream();
            out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
            return reply();
        }

        private String reply() throws IOException {
            String line = in.readLine();
            while (line != null && line.length() > 3 && line.charAt(3) == '-') {
                line = in.readLine();
            }
            return String.valueOf(line);
        }

        String logIn(String password) throws IOException {
            say("EHLO client.test");
            return say("AUTH PLAIN "
                    + Base64.getEncoder()
                            .encodeToString(("\0" + ANN + "\0" + password).getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    @DisplayName(
            "An added domain takes mail at once and after a restart; open sessions end when their user is disabled")
    void domainAndDisabledUser() throws Exception {
        MailClient.send(server.smtpPort(), KIM, "Subject: one\n\nbody\n", ANN);
        assertThat(MailClient.fetch(server.pop3Port(), ANN, "secret")).hasSize(1);
        assertThat(run("", "domain", "list")).contains("new.example: 1 user, 0 aliases");
        assertThat(run("", "domain", "show", "new.example")).contains("new.example. IN MX 10 mx.test.");
        try (Smtp open = new Smtp(server.port("submission"))) {
            assertThat(open.logIn("secret")).startsWith("235");
            assertThat(open.say("MAIL FROM:<" + ANN + ">")).startsWith("250");
            open.say("RSET");
            run("", "user", "disable", ANN);
            assertThat(open.say("MAIL FROM:<" + ANN + ">")).startsWith("421");
        }
        assertThat(popLogin("secret")).isFalse();
        MailClient.send(server.smtpPort(), KIM, "Subject: two\n\nbody\n", ANN);
        assertThat(server.output()).contains("what=\"user=ann@new.example disabled\" by=\"");
        server.close();
        server = ServerProcess.start(folder, Files.readString(folder.resolve("mailserv.conf")));
        run("", "user", "enable", ANN);
        assertThat(MailClient.fetch(server.pop3Port(), ANN, "secret")).hasSize(2);
    }

    @Test
    @DisplayName("Mistakes on the command line are one line and an exit code")
    void mistakes() throws Exception {
        fails("no such user", "user", "release", "nobody@sample.org");
        fails("is not in", "user", "disable", "nobody@sample.org");
        fails("no such user", "user", "show", "nobody@sample.org");
        fails("is there already", "user", "add", ANN, "--password-stdin");
        fails("in the configuration", "user", "disable", KIM);
        fails("no mailbox", "user", "add", "nobody", "--password-stdin");
        fails("no local domain", "user", "add", "x@elsewhere.test", "--password-stdin");
        fails("already", "domain", "add", "new.example");
        fails("still has users", "domain", "remove", "new.example");
        fails("is not in", "alias", "remove", "nothing@sample.org");
        fails("loop", "alias", "add", "self@sample.org", "self");
    }

    @Test
    @DisplayName("App passwords log in by their scope until they are revoked")
    void appPasswords() throws Exception {
        String phone = run("", "user", "app-password", ANN, "--name", "phone", "--scope", "pop3")
                .lines()
                .findFirst()
                .orElseThrow();
        String laptop = run("", "user", "app-password", ANN, "--name", "laptop")
                .lines()
                .findFirst()
                .orElseThrow();
        assertThat(popLogin(phone)).isTrue();
        try (Smtp smtp = new Smtp(server.port("submission"))) {
            assertThat(smtp.logIn(phone)).startsWith("535");
            assertThat(smtp.logIn(laptop)).startsWith("235");
            String json = run("", "user", "show", ANN, "--json");
            for (var each : JsonParser.parseString(json).getAsJsonObject().getAsJsonArray("app_passwords")) {
                run(
                        "",
                        "user",
                        "app-password",
                        ANN,
                        "--remove",
                        each.getAsJsonObject().get("id").getAsString());
            }
            assertThat(smtp.say("MAIL FROM:<" + ANN + ">")).startsWith("421");
        }
        assertThat(popLogin(phone)).isFalse();
        assertThat(popLogin("secret")).isTrue();
    }

    @Test
    @DisplayName("A vacation reply arrives exactly once at a sender, and never at a list, a program or a bounce")
    void vacation() throws Exception {
        run("", "user", "vacation", ANN, "--text", "I am at the sea.", "--subject", "Away");
        String header = "From: <" + KIM + ">\nTo: <" + ANN + ">\nMessage-ID: <1@sample.org>\n";
        MailClient.send(server.smtpPort(), KIM, header + "List-Id: <x.sample.org>\nSubject: list\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), KIM, header + "Auto-Submitted: auto-generated\nSubject: a\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), KIM, "From: <" + KIM + ">\nTo: all@sample.org\nSubject: all\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), "", header + "Subject: bounce\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), KIM, header + "Subject: first\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), KIM, header + "Subject: second\n\nbody\n", ANN);
        String doug = "doug@the-richardsons.org";
        MailClient.send(server.smtpPort(), doug, "From: " + doug + "\nTo: <" + ANN + ">\nSubject: last\n\nx\n", ANN);
        // Messages are answered in their order: with the last one, all are decided.
        await().atMost(Duration.ofSeconds(60))
                .until(() ->
                        !MailClient.fetch(server.pop3Port(), doug, "secret").isEmpty());
        assertThat(MailClient.fetch(server.pop3Port(), KIM, "secret"))
                .singleElement()
                .asString()
                .contains("Return-Path: <>")
                .contains("Subject: Away")
                .contains("Auto-Submitted: auto-replied")
                .contains("In-Reply-To: <1@sample.org>")
                .contains("I am at the sea.");
        assertThat(MailClient.fetch(server.pop3Port(), ANN, "secret")).hasSize(7);
    }

    private HttpResponse<String> api(String method, String path, String json) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port("http") + path))
                                .header(
                                        "Authorization",
                                        "Basic "
                                                + Base64.getEncoder()
                                                        .encodeToString(
                                                                "admin:opensesame".getBytes(StandardCharsets.UTF_8)))
                                .header("Content-Type", "application/json")
                                .method(method, HttpRequest.BodyPublishers.ofString(json))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    @DisplayName("The API lists and changes users, and answers 400, 404 and 409")
    void api() throws Exception {
        assertThat(api("GET", "/api/users", "").body()).contains("\"user\":\"" + ANN + "\",\"source\":\"file\"");
        assertThat(api("POST", "/api/users", "{\"user\":\"bob@new.example\",\"password\":\"pw\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(api("POST", "/api/users", "{\"user\":\"bob@new.example\",\"password\":\"pw\"}")
                        .statusCode())
                .isEqualTo(409);
        assertThat(api("POST", "/api/users", "{\"user\":\"bob\",\"password\":\"pw\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(api("PATCH", "/api/users/bob@new.example", "{\"quota_octets\":1000}")
                        .body())
                .contains("\"quota_octets\":1000");
        assertThat(api("PATCH", "/api/users/nobody@new.example", "{\"disabled\":true}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(api("PATCH", "/api/users/" + KIM, "{\"disabled\":true}").statusCode())
                .isEqualTo(409);
        assertThat(api("PUT", "/api/users/bob@new.example/forward", "{\"to\":[\"" + ANN + "\"],\"keep_copy\":false}")
                        .body())
                .contains("\"forward\":[\"" + ANN + "\"],\"keep_copy\":false");
        assertThat(api("DELETE", "/api/users/bob@new.example", "").statusCode()).isEqualTo(200);
        assertThat(api("GET", "/api/users/bob@new.example", "").statusCode()).isEqualTo(404);
        assertThat(api("GET", "/api/domains/new.example?check=false", "").body())
                .contains("_domainkey");
    }
}
