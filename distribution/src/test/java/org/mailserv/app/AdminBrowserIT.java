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
import java.time.Instant;
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
            "/admin/domains",
            "/admin/domains/domain?domain=new.example",
            "/admin/domains/domain/remove?domain=new.example",
            "/admin/reports",
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

    private void post(String path, String json) throws Exception {
        HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(base + path))
                                .header(
                                        "Authorization",
                                        "Basic " + Base64.getEncoder().encodeToString("admin:opensesame".getBytes()))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(json))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private void fill() throws Exception {
        post(
                "/api/users",
                "{\"user\":\"lee@sample.org\",\"password\":\"x1\",\"quota_octets\":5000000,"
                        + "\"forward\":[\"lee@far.test\"]}");
        post("/api/domains", "{\"domain\":\"new.example\"}");
        post("/api/queue", "{\"action\":\"remove\",\"from\":\"kim@sample.org\",\"undo_seconds\":300}");
        long begin = Instant.now().minus(Duration.ofDays(2)).getEpochSecond();
        String row = "<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated>"
                + "<disposition>none</disposition><dkim>%s</dkim><spf>fail</spf></policy_evaluated></row></record>";
        report(
                "text/xml",
                "<feedback><report_metadata><org_name>far.test</org_name><date_range><begin>" + begin
                        + "</begin><end>" + (begin + 86_400) + "</end></date_range></report_metadata><policy_published>"
                        + "<domain>sample.org</domain><p>none</p></policy_published>"
                        + row.formatted("192.0.2.1", 1204, "pass")
                        + row.formatted("2001:db8:85a3:1234:5678:8a2e:370:7334", 31, "fail")
                        + row.formatted("192.0.2.66", 7, "fail") + "</feedback>");
        String day = Instant.ofEpochSecond(begin).toString();
        report(
                "application/tlsrpt+json",
                "{\"organization-name\":\"Large Provider\",\"date-range\":{\"start-datetime\":\"" + day
                        + "\",\"end-datetime\":\"" + day + "\"},\"policies\":[{\"policy\":{\"policy-type\":\"sts\","
                        + "\"policy-domain\":\"sample.org\"},\"summary\":{\"total-successful-session-count\":50,"
                        + "\"total-failure-session-count\":0}}]}");
    }

    private void report(String type, String content) throws Exception {
        MailClient.send(
                server.smtpPort(),
                "reports@far.test",
                "From: reports@far.test\nContent-Type: " + type + "\nContent-Transfer-Encoding: base64\n\n"
                        + Base64.getMimeEncoder(76, "\n".getBytes()).encodeToString(content.getBytes()) + "\n",
                "postmaster@sample.org");
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
        fill();
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
    @DisplayName(
            "records are looked up after the page is there, each value has a button that copies it, and a removal is undone")
    void domainAndUndo() throws Exception {
        fill();
        logIn();
        browser.open(base + "/admin/domains/domain?domain=new.example");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(browser.evaluate("document.querySelector('#records').textContent"))
                        .contains("Looked up just now."));
        // The buttons follow when the new part of the page has settled.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(browser.evaluate("[...document.querySelectorAll('#records [data-copy]')]"
                                        + ".every(it => it.nextElementSibling.textContent == 'Copy')"))
                                .isEqualTo("true"));
        assertThat(browser.evaluate("document.querySelectorAll('#records button.copy').length"))
                .isGreaterThan("1");
        browser.open(base + "/admin/queue");
        browser.evaluate("document.querySelector('[id^=undo-]').focus()");
        String focused = browser.evaluate("document.activeElement.id");
        assertThat(focused).contains("undo-");
        browser.evaluate("document.querySelector('#orders').setAttribute('data-old', 'yes')");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(browser.evaluate("document.querySelector('#orders[data-old]') == null"))
                        .isEqualTo("true"));
        assertThat(browser.evaluate("document.activeElement.id")).isEqualTo(focused);
        browser.follow("document.querySelector('[id^=undo-]').click()");
        assertThat(browser.evaluate("document.querySelector('#orders').textContent"))
                .contains("Undone");
        assertThat(browser.evaluate("document.querySelector('#found').textContent"))
                .contains("3 messages");
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
