package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** The admin page and its API as a browser and a program have them. */
@Timeout(120)
class AdminIT {
    private static final String DOUG = "doug@the-richardsons.org";

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private ScriptedDnsServer dns;
    private ServerProcess server;
    private String base;

    @BeforeEach
    void start() throws IOException {
        dns = new ScriptedDnsServer().trouble("slow.test", ScriptedDnsServer.Trouble.SERVFAIL);
        server = ServerProcess.start(
                folder,
                ServerProcess.CONFIG + "relay-networks = [\"127.0.0.0/8\"]\ndns.servers = [\"" + dns.address()
                        + "\"]\nrelay.retry.schedule = [1h]\n"
                        + "http { enabled = true, port = 0, admin-password = \"{PLAIN}opensesame\" }\n");
        base = "http://127.0.0.1:" + server.port("http");
        MailClient.send(server.smtpPort(), DOUG, "Subject: <b>x</b>\n\nbody\n", DOUG);
        MailClient.send(server.smtpPort(), DOUG, "Subject: waits\n\nbody\n", "\"<script>\"@slow.test");
        await().atMost(Duration.ofSeconds(30)).until(() -> server.output().contains("reason=\"4.4.3"));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        dns.close();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }

    private static HttpRequest.BodyPublisher form(String text) {
        return HttpRequest.BodyPublishers.ofString(text);
    }

    @Test
    @DisplayName("W6: A page shows a person what the server is doing, after a login")
    void showsWhatTheServerDoes() throws Exception {
        assertThat(send(to("/admin")).body()).contains("type=\"password\"").doesNotContain("slow.test");
        assertThat(send(to("/admin/login").POST(form("password=wrong"))).statusCode())
                .isEqualTo(403);
        HttpResponse<String> in = send(to("/admin/login").POST(form("password=opensesame")));
        String cookie = in.headers().firstValue("set-cookie").orElseThrow();
        assertThat(cookie).contains("HttpOnly").contains("SameSite=Strict");
        cookie = cookie.substring(0, cookie.indexOf(';'));

        HttpResponse<String> page = send(to("/admin").header("Cookie", cookie));

        assertThat(page.headers().firstValue("content-security-policy"))
                .get()
                .asString()
                .contains("default-src 'none'");
        assertThat(page.body())
                .contains("takes mail")
                .contains("1 message waits")
                .contains("slow.test")
                .contains("the DNS could not be asked".replace("the", "The"))
                .contains(DOUG)
                .contains("<svg")
                .doesNotContain("<script");
        String token = page.body().replaceAll("(?s).*?name=\"token\" value=\"([^\"]+)\".*", "$1");

        assertThat(send(to("/admin/queue")
                                .header("Cookie", cookie)
                                .POST(form("action=remove&domain=slow.test&token=forged")))
                        .statusCode())
                .isEqualTo(403);
        assertThat(send(to("/admin").header("Cookie", cookie)).body()).contains("1 message waits");
        send(to("/admin/queue").header("Cookie", cookie).POST(form("action=hold&domain=slow.test&token=" + token)));
        assertThat(send(to("/admin").header("Cookie", cookie)).body()).contains("held");
        send(to("/admin/queue").header("Cookie", cookie).POST(form("action=remove&domain=slow.test&token=" + token)));
        String last = cookie;
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                send(to("/admin").header("Cookie", last)).body())
                        .contains("0 messages wait"));
        send(to("/admin/logout").header("Cookie", cookie).POST(form("token=" + token)));
        assertThat(send(to("/admin").header("Cookie", cookie)).body()).contains("type=\"password\"");
    }

    @Test
    void theApiSaysTheSameToPrograms() throws Exception {
        assertThat(send(to("/api/state")).statusCode()).isEqualTo(401);
        String basic =
                "Basic " + Base64.getEncoder().encodeToString("admin:opensesame".getBytes(StandardCharsets.UTF_8));
        assertThat(send(to("/api/state").header("Authorization", basic)).body())
                .contains("\"trouble\":\"\"")
                .contains("\"queued\":1");
        assertThat(send(to("/api/queue").header("Authorization", basic)).body())
                .startsWith("[{\"id\":")
                .contains("slow.test");
        assertThat(send(to("/api/mailboxes").header("Authorization", basic)).body())
                .contains("{\"mailbox\":\"" + DOUG + "\",\"messages\":1,");
        assertThat(send(to("/api/traffic").header("Authorization", basic)).body())
                .contains("\"accepted\":2");
        assertThat(send(to("/api/log").header("Authorization", basic)).body()).contains("event=");
        assertThat(send(to("/api/sessions").header("Authorization", basic)).statusCode())
                .isEqualTo(200);
        assertThat(send(to("/api/queue").header("Authorization", basic).POST(form("action=remove&domain=slow.test")))
                        .body())
                .contains("\"changed\":1");
    }
}
