package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The operators of the console: their roles, their second factor, their cookies, and the listener with TLS. */
@Timeout(120)
class AdministratorsIT {
    private static final String SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    @TempDir
    Path folder;

    private HttpClient http;
    private ServerProcess server;
    private String base;

    private static String settings(String more) {
        return ServerProcess.CONFIG + """
                http { enabled = true, port = 0, admin-password = "{PLAIN}opensesame", tls { enabled = true, address = "127.0.0.1", port = 0 }
                  administrators {
                    rita { password = "{PLAIN}r", role = read-only }
                    dora { password = "{PLAIN}d", role = domain-administrator, domains = [sample.org] }
                    tom { password = "{PLAIN}t", role = administrator, totp = "%s" }
                    %s
                  } }
                """.formatted(SECRET, more);
    }

    @BeforeEach
    void start() throws Exception {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new TrustsAll()}, new SecureRandom());
        http = HttpClient.newBuilder().sslContext(trusting).build();
        server = ServerProcess.start(folder, settings(""));
        base = "http://127.0.0.1:" + server.port("http");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }

    private HttpResponse<String> api(String user, String method, String path, String json) throws Exception {
        String pair = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
        return send(to(path).header("Authorization", "Basic " + pair)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        json == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(json)));
    }

    private HttpResponse<String> logIn(String user, String password, String code, String... headers) throws Exception {
        HttpRequest.Builder request = to("/admin/login")
                .POST(HttpRequest.BodyPublishers.ofString("user=" + user + "&password=" + password + "&code="
                        + URLEncoder.encode(code, StandardCharsets.UTF_8)));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    @Test
    @DisplayName("read-only changes nothing, and a domain administrator sees nothing of the server as a whole")
    void rolesAreCheckedOnTheServer() throws Exception {
        assertThat(api("admin:opensesame", "GET", "/api/state", null).statusCode())
                .isEqualTo(200);
        assertThat(api("rita:r", "GET", "/api/state", null).statusCode()).isEqualTo(200);
        assertThat(api("rita:d", "GET", "/api/state", null).statusCode()).isEqualTo(401);
        assertThat(api("nobody:opensesame", "GET", "/api/state", null).statusCode())
                .isEqualTo(401);
        for (String path : new String[] {"/api/queue", "/api/reload", "/api/reports"}) {
            HttpResponse<String> refused = api("rita:r", "POST", path, "{}");
            assertThat(refused.statusCode()).as(path).isEqualTo(403);
            assertThat(refused.body()).contains("rita may only read");
        }
        for (String path :
                new String[] {"/api/state", "/api/queue/orders", "/api/sessions", "/api/log", "/api/listeners"}) {
            assertThat(api("dora:d", "GET", path, null).statusCode()).as(path).isEqualTo(403);
        }
        for (String path : new String[] {"/api/queue", "/api/queue/summary", "/api/trace?text=event"}) {
            assertThat(api("dora:d", "GET", path, null).body()).as(path).startsWith("[]");
        }
        assertThat(api("dora:d", "POST", "/api/queue", "{\"action\":\"retry\",\"all\":true}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(server.output()).contains("event=operator-refused call=\"POST /api/queue\" by=\"rita\"");
    }

    @Test
    @DisplayName("a page offers a reader no change, and refuses a forged one")
    void pagesCheckRolesToo() throws Exception {
        String cookie = logIn("rita", "r", "")
                .headers()
                .firstValue("set-cookie")
                .orElseThrow()
                .split(";")[0];
        HttpResponse<String> page = send(to("/admin/queue").header("Cookie", cookie));
        assertThat(page.statusCode()).isEqualTo(200);
        String token = page.body().replaceAll("(?s).*?name=\"token\" value=\"([^\"]+)\".*", "$1");
        HttpResponse<String> refused = send(to("/admin/queue")
                .header("Cookie", cookie)
                .POST(HttpRequest.BodyPublishers.ofString("action=hold&domain=x.test&token=" + token)));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("rita may only read");
    }

    @Test
    @DisplayName("a second factor is asked for, by page and API, and each code works once")
    void secondFactor() throws Exception {
        assertThat(logIn("tom", "t", "").statusCode()).isEqualTo(403);
        assertThat(logIn("tom", "t", "000000").statusCode()).isEqualTo(403);
        assertThat(api("tom:t", "GET", "/api/state", null).statusCode()).isEqualTo(401);
        String code = code();
        assertThat(logIn("tom", "wrong", code).statusCode()).isEqualTo(403);
        assertThat(logIn("tom", "t", code).statusCode()).isEqualTo(303);
        assertThat(logIn("tom", "t", code).statusCode()).isEqualTo(403);
        for (int i = 0; i < 10; i++) {
            logIn("tom", "t", "000000");
        }
        assertThat(logIn("tom", "t", "111111").statusCode()).isEqualTo(403);
        assertThat(server.output()).contains("name=\"tom\" reason=\"too many failures\"");
        assertThat(logIn("rita", "r", "").statusCode()).isEqualTo(303);
    }

    /** RFC 6238, by the library of Java alone. */
    private static String code() throws Exception {
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec("12345678901234567890".getBytes(StandardCharsets.US_ASCII), "HmacSHA1"));
        byte[] hash = mac.doFinal(ByteBuffer.allocate(8)
                .putLong(System.currentTimeMillis() / 30_000)
                .array());
        int number = ByteBuffer.wrap(hash, hash[19] & 15, 4).getInt() & 0x7fffffff;
        return String.format("%06d", number % 1_000_000);
    }

    @Test
    @DisplayName(
            "cookies are Secure behind TLS, of our own or of a proxy; the TLS listener serves neither health nor metrics")
    void cookiesAndTls() throws Exception {
        String plain = logIn("rita", "r", "").headers().firstValue("set-cookie").orElseThrow();
        assertThat(plain).contains("HttpOnly").contains("SameSite=Strict").doesNotContain("Secure");
        assertThat(logIn("rita", "r", "", "X-Forwarded-Proto", "https")
                        .headers()
                        .firstValue("set-cookie"))
                .get()
                .asString()
                .contains("; Secure");
        base = "https://127.0.0.1:" + server.port("https");
        assertThat(logIn("rita", "r", "").headers().firstValue("set-cookie"))
                .get()
                .asString()
                .contains("; Secure");
        assertThat(send(to("/admin")).body()).contains("type=\"password\"");
        assertThat(send(to("/metrics")).statusCode()).isEqualTo(404);
        assertThat(send(to("/readyz")).statusCode()).isEqualTo(404);
    }

    @Test
    @DisplayName("a reload ends the session of an operator who is gone, and lets a new one in")
    void reloads() throws Exception {
        String cookie = logIn("rita", "r", "")
                .headers()
                .firstValue("set-cookie")
                .orElseThrow()
                .split(";")[0];
        assertThat(send(to("/admin").header("Cookie", cookie)).body()).contains("Log out");
        Files.writeString(
                folder.resolve("mailserv.conf"),
                settings("nora { password = \"{PLAIN}n\", role = read-only }").replace("rita {", "ruth {"));
        assertThat(api("admin:opensesame", "POST", "/api/reload", "{}").statusCode())
                .isEqualTo(200);
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(
                                send(to("/admin").header("Cookie", cookie)).body())
                        .contains("type=\"password\""));
        assertThat(logIn("nora", "n", "").statusCode()).isEqualTo(303);
    }
}
