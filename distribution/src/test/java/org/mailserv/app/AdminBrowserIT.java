package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The console in a browser, as on a desk and on a phone, light and dark; the pictures are in {@code target/screenshots}. */
@Tag("peers")
@Timeout(300)
class AdminBrowserIT {
    private static final int DESK = 1280;
    private static final int PHONE = 390;
    private static final List<String> PAGES = List.of(
            "/admin",
            "/admin/queue",
            "/admin/trace?text=kim@sample.org",
            "/admin/accounts",
            "/admin/accounts/user?user=lee@sample.org",
            "/admin/accounts/user/remove?user=lee@sample.org",
            "/admin/aliases",
            "/admin/sessions",
            "/admin/log");

    @TempDir
    Path folder;

    private ServerProcess server;
    private Chromium browser;
    private String base;

    @BeforeEach
    void start() throws Exception {
        browser = Chromium.start(folder.resolve("profile"));
        server = ServerProcess.start(folder, ServerProcess.CONFIG + """
                relay-networks = ["127.0.0.0/8"]
                relay.routes { "*" { host = "127.0.0.9", port = 2 } }
                http { enabled = true, port = 0, admin-password = "{PLAIN}opensesame" }
                """);
        base = "http://127.0.0.1:" + server.port("http");
        for (int i = 0; i < 3; i++) {
            MailClient.send(
                    server.smtpPort(),
                    "kim@sample.org",
                    "Subject: x\n\ny\n",
                    "a@" + "long-".repeat(8) + i + ".far.test");
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> server.says("event=deferred"));
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        browser.close();
    }

    private void addAccount() throws Exception {
        HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(base + "/api/users"))
                                .header(
                                        "Authorization",
                                        "Basic " + Base64.getEncoder().encodeToString("admin:opensesame".getBytes()))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"user\":\"lee@sample.org\",\"password\":\"x1\",\"quota_octets\":5000000,"
                                                + "\"forward\":[\"lee@far.test\"]}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private void logIn() throws Exception {
        browser.open(base + "/admin");
        browser.evaluate("document.querySelector('input[type=password]').value = 'opensesame'");
        browser.follow("document.querySelector('.login button').click()");
        assertThat(browser.evaluate("document.querySelector('nav') != null")).isEqualTo("true");
    }

    private static String axe() throws IOException {
        try (InputStream script = AdminBrowserIT.class.getResourceAsStream("/axe.min.js")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    @DisplayName(
            "W6: every page fits a desk and a phone, light and dark, breaks no policy, and axe finds nothing wrong with it")
    void fits() throws Exception {
        addAccount();
        logIn();
        String axe = axe();
        for (String path : PAGES) {
            String name = path.equals("/admin")
                    ? "overview"
                    : path.substring("/admin/".length()).replaceAll("\\?.*", "").replace('/', '-');
            for (int width : List.of(DESK, PHONE)) {
                for (boolean dark : List.of(false, true)) {
                    browser.size(width, 900);
                    browser.dark(dark);
                    browser.open(base + path);
                    String as = path + ", " + width + (dark ? ", dark" : ", light");
                    assertThat(browser.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                            .as(as)
                            .isEqualTo("true");
                    browser.evaluate(axe + ";0");
                    assertThat(browser.evaluate("axe.run().then(found => found.violations.map(each => each.id + ': '"
                                    + " + each.nodes.map(node => node.html).join(' ')))"))
                            .as(as)
                            .isEqualTo("[]");
                    browser.picture(Path.of(
                            "target/screenshots",
                            name + (width == DESK ? "-desk" : "-phone") + (dark ? "-dark.png" : "-light.png")));
                }
            }
        }
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    @DisplayName("the console works without script, and its buttons can be reached by keyboard")
    void worksWithoutScript() throws Exception {
        logIn();
        browser.script(false);
        browser.open(base + "/admin/queue");
        assertThat(browser.evaluate("document.querySelectorAll('main button').length"))
                .isGreaterThanOrEqualTo("15");
        assertThat(browser.evaluate("document.querySelectorAll('[tabindex=\"-1\"]').length"))
                .isEqualTo("0");
        browser.follow("[...document.querySelectorAll('main button')].find(it => it.textContent == 'hold').click()");
        assertThat(browser.evaluate("document.querySelector('[role=status]').textContent"))
                .contains("put on hold");
    }
}
