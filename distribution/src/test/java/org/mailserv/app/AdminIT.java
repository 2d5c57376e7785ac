package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
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
    private static final String BASIC =
            "Basic " + Base64.getEncoder().encodeToString("admin:opensesame".getBytes(StandardCharsets.UTF_8));
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
                .doesNotContain("<script>");
        String token = page.body().replaceAll("(?s).*?name=\"token\" value=\"([^\"]+)\".*", "$1");

        assertThat(send(to("/admin/queue")
                                .header("Cookie", cookie)
                                .POST(form("action=remove&domain=slow.test&token=forged")))
                        .statusCode())
                .isEqualTo(403);
        assertThat(send(to("/admin").header("Cookie", cookie)).body()).contains("1 message waits");
        send(to("/admin/queue").header("Cookie", cookie).POST(form("action=hold&domain=slow.test&token=" + token)));
        assertThat(send(to("/admin").header("Cookie", cookie)).body()).contains("1 held");
        HttpResponse<String> question = send(to("/admin/queue")
                .header("Cookie", cookie)
                .POST(form("action=remove&domain=slow.test&token=" + token)));
        assertThat(question.body())
                .contains("1 recipient of 1 message would be removed")
                .contains("nobody is told")
                .contains("Remove 1 recipient</button>")
                .doesNotContain("<script>");
        assertThat(send(to("/admin").header("Cookie", cookie)).body()).contains("1 message waits");
        send(to("/admin/queue")
                .header("Cookie", cookie)
                .POST(form("action=remove&domain=slow.test&confirmed=yes&token=" + token)));
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
        assertThat(send(json("{\"action\":\"remove\",\"domain\":\"slow.test\"}"))
                        .body())
                .contains("\"changed\":1");
    }

    @Test
    @DisplayName("messages are found by subject, address, domain and error; one is shown with header, source and trace")
    void showsOneMessage() throws Exception {
        HttpResponse<String> in = send(to("/admin/login").POST(form("password=opensesame")));
        String cookie = in.headers().firstValue("set-cookie").orElseThrow().split(";")[0];
        MailClient.send(
                server.smtpPort(),
                DOUG,
                "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_<i>?=\n\nthe secret body\n",
                "other@slow.test");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(send(to("/api/state").header("Authorization", BASIC))
                                .body())
                        .contains("\"queued\":2"));
        for (String found : new String[] {"gr%C3%BC%C3%9Fe", "other%40slow", "SLOW.test", "4.4.3"}) {
            assertThat(send(to("/admin/queue?text=" + found).header("Cookie", cookie))
                            .body())
                    .as(found)
                    .contains("Grüße &lt;i&gt;");
        }
        assertThat(send(to("/admin/queue?text=nothing-like-it").header("Cookie", cookie))
                        .body())
                .contains("No message matches.");
        String json = send(to("/api/queue?text=other%40slow&subjects=true").header("Authorization", BASIC))
                .body();
        assertThat(json).contains("\"subject\":\"Grüße <i>\"");
        String id = json.replaceAll("(?s).*?\"id\":\"([^\"]+)\".*", "$1");

        assertThat(send(to("/admin/queue/message?id=" + id).header("Cookie", cookie))
                        .body())
                .contains("Grüße &lt;i&gt;")
                .contains("the secret body")
                .contains("name=\"id\" value=\"" + id + "\"");
        assertThat(server.output()).contains("event=queued-message-read id=" + id + " by=\"admin\"");
        assertThat(send(to("/api/queue/" + id).header("Authorization", BASIC)).body())
                .contains("the secret body")
                .contains("\"complete\":true");
        assertThat(send(to("/api/queue/0000000000000000").header("Authorization", BASIC))
                        .statusCode())
                .isEqualTo(404);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(send(to("/admin/trace?text=" + id).header("Cookie", cookie))
                                        .body())
                                .contains("Accepted")
                                .contains("other@slow.test")
                                .contains("1 message"));
        for (String text : new String[] {"other%40slow.test", "SLOW", "20"}) {
            assertThat(send(to("/api/trace?text=" + text).header("Authorization", BASIC))
                            .body())
                    .as(text)
                    .contains(id);
        }
        assertThat(send(to("/api/trace").header("Authorization", BASIC)).statusCode())
                .isEqualTo(400);
    }

    private HttpRequest.Builder json(String body) {
        return to("/api/queue")
                .header("Authorization", BASIC)
                .header("Content-Type", "application/json")
                .POST(form(body));
    }

    @Test
    @DisplayName("a page of another site changes nothing with a browser's credentials")
    void refusesCrossSiteRequests() throws Exception {
        String remove = "{\"action\":\"remove\",\"domain\":\"slow.test\"}";
        for (String[] field : new String[][] {
            {"Origin", "http://evil.example"},
            {"Origin", "null"},
            {"Origin", base.replace("127.0.0.1", "localhost")},
            {"Sec-Fetch-Site", "cross-site"},
            {"Sec-Fetch-Site", "same-site"},
            {"Referer", "http://evil.example/page"}
        }) {
            assertThat(send(json(remove).header(field[0], field[1])).statusCode())
                    .as(String.join(": ", field))
                    .isEqualTo(403);
            assertThat(send(to("/admin/login").header(field[0], field[1]).POST(form("password=opensesame")))
                            .statusCode())
                    .isEqualTo(403);
        }
        for (String type : new String[] {"application/x-www-form-urlencoded", "text/plain", "multipart/form-data"}) {
            HttpRequest.Builder request = to("/api/queue")
                    .header("Authorization", BASIC)
                    .header("Content-Type", type)
                    .POST(form("action=remove&domain=slow.test"));
            assertThat(send(request).statusCode()).as(type).isEqualTo(415);
        }
        assertThat(send(to("/api/state")).headers().firstValue("www-authenticate"))
                .isEmpty();
        assertThat(send(to("/api/queue").header("Authorization", BASIC)).body()).contains("slow.test");
        assertThat(send(json(remove).header("Origin", base).header("Sec-Fetch-Site", "same-origin"))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void saysWhatIsWrongWithARequest() throws Exception {
        for (String body : new String[] {
            "{\"action\":\"explode\",\"domain\":\"slow.test\"}",
            "{\"action\":\"remove\"}",
            "{}",
            "[]",
            "{\"action\"",
            "",
            "{\"action\":1,\"domain\":\"slow.test\"}",
            "{\"action\":\"remove\",\"domain\":\"slow.test\",\"x\":1}"
        }) {
            assertThat(send(json(body)).statusCode()).as(body).isEqualTo(400);
        }
        assertThat(send(json("{\"action\":\"remove\",\"id\":\"nosuchid\"}")).statusCode())
                .isEqualTo(404);
        assertThat(send(to("/api/nothing").header("Authorization", BASIC)).statusCode())
                .isEqualTo(404);
        HttpResponse<String> wrongMethod = send(to("/api/state")
                .header("Authorization", BASIC)
                .header("Content-Type", "application/json")
                .POST(form("{}")));
        assertThat(wrongMethod.statusCode()).isEqualTo(405);
        assertThat(wrongMethod.headers().firstValue("allow")).contains("GET, HEAD");
        assertThat(send(to("/api/queue").header("Authorization", BASIC).DELETE())
                        .headers()
                        .firstValue("allow"))
                .contains("GET, HEAD, POST");
        assertThat(send(to("/metrics").POST(form(""))).statusCode()).isEqualTo(405);
        assertThat(send(json("x".repeat(100_000))).statusCode()).isEqualTo(413);
        HttpResponse<String> head = send(to("/livez").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    @DisplayName("requests with two meanings, of another host, over-long or slow are refused; watchers are not")
    void isStrictAboutRequests() throws Exception {
        String auth = "Authorization: " + BASIC + "\r\n";
        assertThat(raw("GET /api/state HTTP/1.1\r\nHost: evil.example\r\n" + auth + "\r\n"))
                .contains(" 421 ");
        assertThat(raw("GET /api/state HTTP/1.1\r\nHost: mx.test\r\n" + auth + "\r\n"))
                .contains(" 200 ");
        assertThat(raw("GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n")).contains(" 200 ");
        assertThat(raw("GET /livez HTTP/1.1\r\n\r\n")).contains(" 400 ");
        assertThat(raw("GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")).contains(" 400 ");
        assertThat(raw("POST /api/queue HTTP/1.1\r\nHost: localhost\r\n" + auth
                        + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
                .contains(" 400 ");
        assertThat(
                        raw(
                                "POST /api/queue HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd"))
                .contains(" 400 ");
        assertThat(raw("POST /api/queue HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n"))
                .contains(" 400 ");
        assertThat(raw("GET /livez HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(20_000) + "\r\n\r\n"))
                .contains(" 431 ");
        assertThat(raw("GET /" + "y".repeat(20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .contains(" 414 ");
        assertThat(raw("GET /admin/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n")).contains(" 400 ");
        String two = raw("GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(two).contains(" 200 ").doesNotContain("mailserv_build_info");
        long start = System.nanoTime();
        assertThat(raw("GET /livez HTTP/1.1\r\nHost: a\r\nX: y")).contains(" 408 ");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(25));
    }

    /** Sends octets and gives all that comes until the server closes. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port("http"))) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
