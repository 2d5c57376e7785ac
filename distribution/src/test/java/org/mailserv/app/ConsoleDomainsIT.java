package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** Domains, reports, queue and trace on the console, as an administrator and as the administrator of one domain. */
@Timeout(120)
class ConsoleDomainsIT {
    private static final String EVIL = "<script>alert(1)</script>";

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private ScriptedDnsServer dns;
    private ServerProcess server;
    private String base;
    private String cookie;
    private String token;

    @BeforeEach
    void start() throws Exception {
        dns = new ScriptedDnsServer().trouble("far.test", ScriptedDnsServer.Trouble.SERVFAIL);
        server = ServerProcess.start(folder, ServerProcess.CONFIG + """
                relay-networks = ["127.0.0.0/8"]
                relay.retry.schedule = [1h]
                dns.servers = ["%s"]
                http { enabled = true, port = 0, admin-password = "{PLAIN}opensesame", administrators {
                  dora { password = "{PLAIN}d", role = domain-administrator, domains = [sample.org] }
                  rita { password = "{PLAIN}r", role = read-only }
                } }
                """.formatted(dns.address()));
        base = "http://127.0.0.1:" + server.port("http");
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

    private void logIn(String user, String password) throws Exception {
        HttpResponse<String> in = send(
                to("/admin/login").POST(HttpRequest.BodyPublishers.ofString("user=" + user + "&password=" + password)));
        cookie = in.headers().firstValue("set-cookie").orElseThrow().split(";")[0];
        token = get("/admin/domains").body().replaceAll("(?s).*?name=\"token\" value=\"([^\"]+)\".*", "$1");
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(to(path).header("Cookie", cookie));
    }

    private HttpResponse<String> post(String path, String... fields) throws Exception {
        StringBuilder form = new StringBuilder("token=" + token);
        for (int i = 0; i < fields.length; i += 2) {
            form.append('&')
                    .append(fields[i])
                    .append('=')
                    .append(URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
        }
        return send(to(path).header("Cookie", cookie).POST(HttpRequest.BodyPublishers.ofString(form.toString())));
    }

    private HttpResponse<String> api(String user, String method, String path, String json) throws Exception {
        return send(
                to(path).header("Authorization", "Basic " + Base64.getEncoder().encodeToString(user.getBytes()))
                        .header("Content-Type", "application/json")
                        .method(
                                method,
                                json == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(json)));
    }

    @Test
    @DisplayName("an administrator adds a domain, sees its records and their check, replaces its keys and removes it")
    void domains() throws Exception {
        logIn("admin", "opensesame");
        assertThat(get("/admin/domains").body()).contains("the-richardsons.org").contains("the configuration");
        assertThat(get("/admin/domains/domain?domain=sample.org").body())
                .contains("written in the configuration file")
                .doesNotContain("Remove the domain");
        assertThat(post("/admin/domains", "domain", EVIL).body())
                .contains("is no domain name")
                .doesNotContain(EVIL);
        assertThat(post("/admin/domains", "domain", "new.example").statusCode()).isEqualTo(303);
        String page = get("/admin/domains/domain?domain=new.example").body();
        assertThat(page)
                .contains("Added new.example.")
                .contains("10 mx.test.")
                .contains("v=spf1 mx -all")
                .contains("_dmarc.new.example")
                .contains("_mta-sts.new.example")
                .contains("_smtp._tls.new.example")
                .contains("autoconfig.new.example")
                .contains("data-copy=\"the MX value of new.example\"")
                .contains("waits for its record")
                .contains("not looked up");
        assertThat(get("/admin/domains/domain?check=yes&domain=new.example").body())
                .contains("missing")
                .contains("not published, optional")
                .doesNotContain("not looked up");
        String domain = "/admin/domains/domain";
        assertThat(post(domain, "domain", "new.example", "action", "rotate").body())
                .contains("publish these first")
                .contains("href=\"/admin/domains/domain?domain=new.example\"");
        assertThat(post(domain, "domain", "new.example", "action", "activate").body())
                .contains("not published yet");
        post(domain, "domain", "sample.org", "action", "rotate");
        assertThat(get(domain + "?domain=sample.org").body()).contains("waits for its record");
        token = "forged";
        assertThat(post(domain + "/remove", "domain", "new.example").statusCode())
                .isEqualTo(403);
        logIn("admin", "opensesame");
        assertThat(get(domain + "/remove?domain=new.example").body()).contains("Mail to the domain is refused");
        assertThat(post(domain + "/remove", "domain", "new.example").statusCode())
                .isEqualTo(303);
        assertThat(get("/admin/domains").body())
                .contains("Removed new.example.")
                .doesNotContain("domain=new.example");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(server.output())
                        .contains("call=\"POST /api/domains\" what=\"domain=new.example\" by=\"admin\" result=\"done\"")
                        .contains(
                                "call=\"POST /api/domains/{domain}/dkim\" what=\"domain=sample.org\" by=\"admin\" result=\"done\"")
                        .contains("call=\"DELETE /api/domains/{domain}\" what=\"domain=new.example\" by=\"admin\""));
    }

    @Test
    @DisplayName(
            "a domain administrator replaces the keys of its domain, and sees and changes no other; a reader changes nothing")
    void roles() throws Exception {
        logIn("dora", "d");
        assertThat(get("/admin/domains").body())
                .contains("sample.org")
                .doesNotContain("richardsons")
                .doesNotContain("Add the domain")
                .doesNotContain("Sessions</a>");
        assertThat(get("/admin/domains/domain?domain=the-richardsons.org").statusCode())
                .isEqualTo(403);
        for (String path : new String[] {"/dkim", "/dkim/activate"}) {
            assertThat(api("dora:d", "POST", "/api/domains/the-richardsons.org" + path, "{}")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(api("rita:r", "POST", "/api/domains/sample.org" + path, "{}")
                            .statusCode())
                    .isEqualTo(403);
        }
        assertThat(api("dora:d", "POST", "/api/domains", "{\"domain\":\"a.example\"}")
                        .statusCode())
                .isEqualTo(403);
        token = get("/admin/domains/domain?domain=sample.org")
                .body()
                .replaceAll("(?s).*?name=\"token\" value=\"([^\"]+)\".*", "$1");
        assertThat(post("/admin/domains/domain", "domain", "sample.org", "action", "rotate")
                        .statusCode())
                .isEqualTo(303);
        assertThat(get("/admin/domains/domain?domain=sample.org").body())
                .contains("Made new keys.")
                .contains("Look for the new records");
        logIn("rita", "r");
        assertThat(get("/admin/domains/domain?domain=sample.org").body())
                .contains("DKIM keys")
                .doesNotContain("Make new keys")
                .doesNotContain("Look for the new records");
    }

    @Test
    @DisplayName("reports of others are shown in words, without the markup in them, to those of the domain alone")
    void reports() throws Exception {
        long begin = Instant.now().minus(Duration.ofDays(2)).getEpochSecond();
        String report =
                "<feedback><report_metadata><org_name>&lt;script&gt;alert(1)&lt;/script&gt;</org_name><date_range><begin>"
                        + begin + "</begin><end>" + (begin + 86_400)
                        + "</end></date_range></report_metadata><policy_published><domain>sample.org</domain><p>none</p></policy_published>"
                        + "<record><row><source_ip>192.0.2.66</source_ip><count>7</count><policy_evaluated><disposition>none</disposition>"
                        + "<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row></record></feedback>";
        MailClient.send(
                server.smtpPort(),
                "reports@far.test",
                "From: reports@far.test\nContent-Type: text/xml\n\n" + report + "\n",
                "postmaster@sample.org");
        logIn("admin", "opensesame");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(get("/admin/reports").body()).contains("192.0.2.66"));
        assertThat(get("/admin/reports").body())
                .contains("1 reporter saw 7 messages: 0 passed (0 %), 7 failed.")
                .contains("p=none lets such mail through")
                .contains("&lt;script&gt;alert(1)")
                .doesNotContain(EVIL);
        assertThat(get("/admin/reports?domain=" + URLEncoder.encode(EVIL, StandardCharsets.UTF_8))
                        .body())
                .contains("No report has arrived")
                .doesNotContain(EVIL);
        assertThat(api("dora:d", "GET", "/api/received-reports", null).body())
                .contains("\"kind\":\"dmarc\"")
                .contains("\"failed\":7");
        assertThat(api("dora:d", "GET", "/api/received-reports?domain=the-richardsons.org", null)
                        .statusCode())
                .isEqualTo(403);
        assertThat(api("dora:d", "GET", "/api/received-reports?address=doug@the-richardsons.org", null)
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    @DisplayName("a removal can be undone on the page; it takes effect after its time, and not before")
    void undo() throws Exception {
        MailClient.send(server.smtpPort(), "kim@sample.org", "Subject: " + EVIL + "\n\nx\n", "ann@far.test");
        await().atMost(Duration.ofSeconds(30)).until(() -> server.output().contains("event=deferred"));
        logIn("admin", "opensesame");
        token = get("/admin/queue").body().replaceAll("(?s).*?name=\"token\" value=\"([^\"]+)\".*", "$1");
        assertThat(post("/admin/queue", "action", "remove", "domain", "far.test", "confirmed", "yes")
                        .statusCode())
                .isEqualTo(303);
        String page = get("/admin/queue").body();
        assertThat(page)
                .contains("1 recipient of 1 message will be removed in")
                .contains(">Undo</button>")
                .contains("&lt;script&gt;")
                .doesNotContain(EVIL)
                .contains("1 message.");
        String order = page.replaceAll("(?s).*?name=\"order\" value=\"([^\"]+)\".*", "$1");
        assertThat(api("rita:r", "DELETE", "/api/queue/orders/" + order, null).statusCode())
                .isEqualTo(403);
        assertThat(send(to("/admin/queue/undo")
                                .header("Cookie", cookie)
                                .POST(HttpRequest.BodyPublishers.ofString("order=" + order + "&token=forged")))
                        .statusCode())
                .isEqualTo(403);
        assertThat(post("/admin/queue/undo", "order", order).statusCode()).isEqualTo(303);
        assertThat(get("/admin/queue").body()).contains("Undone: nothing was changed (1 recipient of 1 message)");
        assertThat(post("/admin/queue/undo", "order", order).body()).contains("undone already");
        HttpResponse<String> quick = api(
                "admin:opensesame",
                "POST",
                "/api/queue",
                "{\"action\":\"bounce\",\"domain\":\"far.test\",\"undo_seconds\":1}");
        assertThat(quick.body()).contains("\"state\":\"waiting\"").contains("\"recipients\":1");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(api("admin:opensesame", "GET", "/api/queue/orders", null)
                                .body())
                        .contains("\"state\":\"done\""));
        assertThat(api("admin:opensesame", "GET", "/api/queue?to=ann@far.test", null)
                        .body())
                .startsWith("[]");
        assertThat(api(
                                "admin:opensesame",
                                "POST",
                                "/api/queue",
                                "{\"action\":\"hold\",\"domain\":\"far.test\",\"undo_seconds\":1}")
                        .statusCode())
                .isEqualTo(400);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(server.output())
                        .contains("event=queue-order-waits")
                        .contains("call=\"DELETE /api/queue/orders/{id}\" what=\"order=" + order
                                + "\" by=\"admin\" result=\"done\""));
    }

    @Test
    @DisplayName(
            "a domain administrator sees queue and traces of its domain, searches no others, and changes nothing there")
    void ownMail() throws Exception {
        MailClient.send(server.smtpPort(), "kim@sample.org", "Subject: plan nine\n\nx\n", "ann@far.test");
        MailClient.send(server.smtpPort(), "doug@the-richardsons.org", "Subject: secret nine\n\nx\n", "bob@far.test");
        await().atMost(Duration.ofSeconds(30)).until(() -> server.output().contains("event=deferred"));
        logIn("dora", "d");
        assertThat(get("/admin/queue").body())
                .contains("plan nine")
                .contains("far.test")
                .contains("backs off")
                .doesNotContain("secret")
                .doesNotContain("bob@")
                .doesNotContain("doug@")
                .doesNotContain(">remove</button>");
        assertThat(get("/admin/queue?text=doug").body()).contains("No message matches.");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(get("/admin/trace?text=NINE").body()).contains("plan nine"));
        assertThat(get("/admin/trace?text=nine").body()).contains("1 message,").doesNotContain("secret");
        String hidden = api("admin:opensesame", "GET", "/api/queue?to=bob@far.test", null)
                .body()
                .replaceAll("(?s).*?\"id\":\"([^\"]+)\".*", "$1");
        assertThat(get("/admin/trace?text=" + hidden).body()).contains("0 messages");
        assertThat(get("/admin/queue/message?id=" + hidden).statusCode()).isEqualTo(404);
        assertThat(api("dora:d", "GET", "/api/queue/" + hidden, null).statusCode())
                .isEqualTo(403);
        assertThat(api("dora:d", "GET", "/api/queue/summary", null).body()).contains("\"messages\":1,");
        assertThat(api("dora:d", "GET", "/api/queue?to=bob@far.test", null).body())
                .startsWith("[]");
        logIn("admin", "opensesame");
        assertThat(get("/admin/trace?text=secret%20nine").body())
                .contains("secret nine")
                .contains("1 message,");
        assertThat(server.output()).doesNotContain("secret nine");
    }
}
