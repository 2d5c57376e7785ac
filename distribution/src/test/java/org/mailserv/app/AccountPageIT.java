package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The users' own page, with a browser's requests, and its effect on POP3 and SMTP. */
class AccountPageIT {
    private static final String ANN = "ann@sample.org";
    private static final String KIM = "kim@sample.org";

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private ServerProcess server;
    private String base;

    @BeforeEach
    void start() throws Exception {
        String config = ServerProcess.CONFIG
                + "http { enabled = true, port = 0 }\nplaintext-auth-networks = [\"127.0.0.0/8\"]\n"
                + "login { failure-delay = 10ms, max-failures = 5 }\n"
                + """
                listeners = [
                  { kind = smtp, address = "127.0.0.1", port = 0 }
                  { kind = pop3, address = "127.0.0.1", port = 0 }
                  { kind = submission, address = "127.0.0.1", port = 0 }
                ]
                """;
        server = ServerProcess.start(folder, config);
        base = "http://127.0.0.1:" + server.port("http") + "/account";
        assertThat(ServerProcess.run(folder, "first secret\n", "user", "add", ANN, "--password-stdin", "--quota", "1M")
                        .code())
                .isZero();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }

    private HttpResponse<String> logIn(String password) throws Exception {
        return send(to("/login").POST(form("user", ANN, "password", password)));
    }

    private static HttpRequest.BodyPublisher form(String... fields) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < fields.length; i += 2) {
            text.append(i == 0 ? "" : "&")
                    .append(fields[i])
                    .append('=')
                    .append(URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
        }
        return HttpRequest.BodyPublishers.ofString(text.toString());
    }

    /** A session of a browser. */
    private final class Browser {
        private final String cookie;
        private final String token;

        Browser(String password) throws Exception {
            HttpResponse<String> in = logIn(password);
            assertThat(in.statusCode()).as(in.body()).isEqualTo(303);
            String set = in.headers().firstValue("set-cookie").orElseThrow();
            assertThat(set).contains("HttpOnly").contains("SameSite=Strict").contains("Path=/account");
            cookie = set.substring(0, set.indexOf(';'));
            token = find("name=\"token\" value=\"([^\"]+)\"", page().body());
        }

        HttpResponse<String> page() throws Exception {
            return send(to("").header("Cookie", cookie));
        }

        HttpResponse<String> post(String path, String... fields) throws Exception {
            String[] all = new String[fields.length + 2];
            System.arraycopy(fields, 0, all, 0, fields.length);
            all[fields.length] = "token";
            all[fields.length + 1] = token;
            return send(to(path).header("Cookie", cookie).POST(form(all)));
        }
    }

    private static String find(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern + " in " + text).isTrue();
        return matcher.group(1);
    }

    private boolean popLogin(String password) throws Exception {
        try {
            MailClient.fetch(server.pop3Port(), ANN, password);
            return true;
        } catch (AssertionError | IOException refused) {
            return false;
        }
    }

    /** Returns the reply to AUTH PLAIN. */
    private String smtpLogin(String password) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port("submission"))) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            String plain =
                    Base64.getEncoder().encodeToString(("\0" + ANN + "\0" + password).getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream()
                    .write(("EHLO client.test\r\nAUTH PLAIN " + plain + "\r\n").getBytes(StandardCharsets.US_ASCII));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("235") || line.startsWith("535") || line.startsWith("5") || line.startsWith("4")) {
                    return line;
                }
            }
            return "";
        }
    }

    @Test
    @DisplayName("A user logs in, sees quota and settings, changes the password, and all sessions end")
    void changesThePassword() throws Exception {
        assertThat(send(to("")).body()).contains("type=\"password\"").doesNotContain("App passwords");
        assertThat(logIn("wrong").statusCode()).isEqualTo(403);
        Browser one = new Browser("first secret");
        Browser two = new Browser("first secret");
        assertThat(one.page().body())
                .contains(ANN)
                .contains("of 1.0 MiB")
                .contains("autoconfig.sample.org/mail/config-v1.1.xml")
                .contains("<svg class=\"qr\"")
                .contains("Vacation reply");
        assertThat(one.page().headers().firstValue("content-security-policy"))
                .get()
                .asString()
                .contains("default-src 'none'");

        assertThat(one.post("/password", "old", "nonsense", "new", "second secret", "again", "second secret")
                        .statusCode())
                .isEqualTo(403);
        assertThat(one.post("/password", "old", "first secret", "new", "short", "again", "short")
                        .statusCode())
                .isEqualTo(400);
        assertThat(one.post("/password", "old", "first secret", "new", "second secret", "again", "second secret")
                        .body())
                .contains("all sessions have ended");
        assertThat(one.page().body()).contains("Mail password");
        assertThat(two.page().body()).contains("Mail password");
        assertThat(popLogin("first secret")).isFalse();
        assertThat(popLogin("second secret")).isTrue();
        assertThat(server.output())
                .contains(
                        "event=operator-change call=\"PATCH /api/users/{user}\" what=\"user=ann@sample.org password\"")
                .doesNotContain("second secret");
    }

    @Test
    @DisplayName("An app password works for its protocol only, is shown once, and is refused once it is revoked")
    void appPasswords() throws Exception {
        Browser browser = new Browser("first secret");
        String made = browser.post("/app-password", "name", "Phone <1>", "scope", "pop3")
                .body();
        String secret = find("id=\"secret\"[^>]*>([a-z2-9-]+)<", made);
        String page = browser.page().body();
        assertThat(page).contains("Phone &lt;1&gt;").doesNotContain(secret);

        assertThat(popLogin(secret)).isTrue();
        assertThat(smtpLogin(secret)).startsWith("535");
        String both = find(
                "id=\"secret\"[^>]*>([a-z2-9-]+)<",
                browser.post("/app-password", "name", "Laptop", "scope", "pop3", "scope", "smtp")
                        .body());
        assertThat(smtpLogin(both)).startsWith("235");
        assertThat(logIn(both).statusCode()).isEqualTo(403);

        for (Matcher id = Pattern.compile("name=\"id\" value=\"([^\"]+)\"")
                        .matcher(browser.page().body());
                id.find(); ) {
            assertThat(browser.post("/app-password/remove", "id", id.group(1)).statusCode())
                    .isEqualTo(303);
        }
        assertThat(popLogin(secret)).isFalse();
        assertThat(smtpLogin(both)).startsWith("535");
        assertThat(popLogin("first secret")).isTrue();
    }

    @Test
    @DisplayName("A vacation reply arrives exactly once at a sender, and never at a list, a program or a bounce")
    void vacation() throws Exception {
        Browser browser = new Browser("first secret");
        assertThat(browser.post("/vacation", "enabled", "yes", "text", "I am at the sea.", "subject", "Away")
                        .statusCode())
                .isEqualTo(303);
        String header = "From: <" + KIM + ">\nTo: <" + ANN + ">\nMessage-ID: <1@sample.org>\n";
        MailClient.send(server.smtpPort(), KIM, header + "List-Id: <x.sample.org>\nSubject: list\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), KIM, header + "Precedence: bulk\nSubject: bulk\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), KIM, header + "Auto-Submitted: auto-generated\nSubject: a\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), KIM, "From: <" + KIM + ">\nTo: all@sample.org\nSubject: all\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), "", header + "Subject: bounce\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), KIM, header + "Subject: first\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), KIM, header + "Subject: second\n\nbody\n", ANN);
        MailClient.send(server.smtpPort(), ANN, "From: <" + ANN + ">\nTo: <" + ANN + ">\nSubject: me\n\nx\n", ANN);

        await().atMost(Duration.ofSeconds(60))
                .until(() -> !MailClient.fetch(server.pop3Port(), KIM, "secret").isEmpty());
        // The messages are answered in their order: with another one behind them, all are decided.
        MailClient.send(
                server.smtpPort(),
                "doug@the-richardsons.org",
                "From: doug\nTo: <" + ANN + ">\nSubject: last\n\nx\n",
                ANN);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !MailClient.fetch(server.pop3Port(), "doug@the-richardsons.org", "secret")
                        .isEmpty());

        List<String> replies = MailClient.fetch(server.pop3Port(), KIM, "secret");
        assertThat(replies).hasSize(1);
        assertThat(replies.get(0))
                .contains("Return-Path: <>")
                .contains("Subject: Away")
                .contains("Auto-Submitted: auto-replied")
                .contains("In-Reply-To: <1@sample.org>")
                .contains("I am at the sea.");
        assertThat(MailClient.fetch(server.pop3Port(), ANN, "first secret")).hasSize(9);
    }

    @Test
    @DisplayName("Mail is forwarded with and without a copy, and addresses that cannot be are refused")
    void forwarding() throws Exception {
        Browser browser = new Browser("first secret");
        assertThat(browser.post("/forward", "to", KIM + "\n", "copy", "yes").statusCode())
                .isEqualTo(303);
        MailClient.send(server.smtpPort(), KIM, "Subject: both\n\nbody\n", ANN);
        assertThat(MailClient.fetch(server.pop3Port(), KIM, "secret")).hasSize(1);
        assertThat(MailClient.fetch(server.pop3Port(), ANN, "first secret")).hasSize(1);
        browser.post("/forward", "to", KIM);
        MailClient.send(server.smtpPort(), KIM, "Subject: away\n\nbody\n", ANN);
        assertThat(MailClient.fetch(server.pop3Port(), KIM, "secret")).hasSize(2);
        assertThat(MailClient.fetch(server.pop3Port(), ANN, "first secret")).hasSize(1);
        HttpResponse<String> refused = browser.post("/forward", "to", "gone@sample.org");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("gone@sample.org does not exist here");
    }

    @Test
    @DisplayName("Forged forms are refused, a disabled user is out, and wrong passwords lock the page and POP3 alike")
    void protection() throws Exception {
        Browser browser = new Browser("first secret");
        assertThat(send(to("/forward").header("Cookie", browser.cookie).POST(form("to", KIM, "token", "forged")))
                        .statusCode())
                .isEqualTo(403);
        assertThat(send(to("/forward")
                                .header("Cookie", browser.cookie)
                                .header("Origin", "https://evil.test")
                                .POST(form("to", KIM, "token", browser.token)))
                        .statusCode())
                .isEqualTo(403);
        assertThat(ServerProcess.run(folder, "", "user", "disable", ANN).code()).isZero();
        assertThat(browser.page().body()).contains("Mail password");
        assertThat(logIn("first secret").statusCode()).isEqualTo(403);
        assertThat(popLogin("first secret")).isFalse();
        MailClient.send(server.smtpPort(), KIM, "Subject: kept\n\nbody\n", ANN);
        assertThat(ServerProcess.run(folder, "", "user", "enable", ANN).code()).isZero();
        assertThat(MailClient.fetch(server.pop3Port(), ANN, "first secret")).hasSize(1);
        for (int i = 0; i < 6; i++) {
            assertThat(logIn("wrong").statusCode()).isEqualTo(403);
        }
        assertThat(logIn("first secret").statusCode()).isEqualTo(403);
        assertThat(popLogin("first secret")).isFalse();
    }
}
