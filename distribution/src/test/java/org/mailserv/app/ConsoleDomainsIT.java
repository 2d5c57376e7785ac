package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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

    private ScriptedDnsServer dns;
    private ServerProcess server;
    private ConsoleClient console;

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
        console = new ConsoleClient(server.port("http"));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        dns.close();
    }

    @Test
    @DisplayName("an administrator adds a domain, sees its records and their check, replaces its keys and removes it")
    void domains() throws Exception {
        console.logIn("admin", "opensesame", "/admin/domains");
        assertThat(console.get("/admin/domains").body())
                .contains("the-richardsons.org")
                .contains("the configuration");
        assertThat(console.get("/admin/domains/domain?domain=sample.org").body())
                .contains("written in the configuration file")
                .doesNotContain("Remove the domain");
        assertThat(console.post("/admin/domains", "domain", EVIL).body())
                .contains("is no domain name")
                .doesNotContain(EVIL);
        assertThat(console.post("/admin/domains", "domain", "new.example").statusCode())
                .isEqualTo(303);
        String page = console.get("/admin/domains/domain?domain=new.example").body();
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
        assertThat(console.get("/admin/domains/domain?check=yes&domain=new.example")
                        .body())
                .contains("missing")
                .contains("not published, optional")
                .doesNotContain("not looked up");
        String domain = "/admin/domains/domain";
        assertThat(console.post(domain, "domain", "new.example", "action", "rotate")
                        .body())
                .contains("publish these first")
                .contains("href=\"/admin/domains/domain?domain=new.example\"");
        assertThat(console.post(domain, "domain", "new.example", "action", "activate")
                        .body())
                .contains("not published yet");
        console.post(domain, "domain", "sample.org", "action", "rotate");
        assertThat(console.get(domain + "?domain=sample.org").body()).contains("waits for its record");
        console.forgeToken();
        assertThat(console.post(domain + "/remove", "domain", "new.example").statusCode())
                .isEqualTo(403);
        console.logIn("admin", "opensesame", "/admin/domains");
        assertThat(console.get(domain + "/remove?domain=new.example").body()).contains("Mail to the domain is refused");
        assertThat(console.post(domain + "/remove", "domain", "new.example").statusCode())
                .isEqualTo(303);
        assertThat(console.get("/admin/domains").body())
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
        console.logIn("dora", "d", "/admin/domains");
        assertThat(console.get("/admin/domains").body())
                .contains("sample.org")
                .doesNotContain("richardsons")
                .doesNotContain("Add the domain")
                .doesNotContain("Sessions</a>");
        assertThat(console.get("/admin/domains/domain?domain=the-richardsons.org")
                        .statusCode())
                .isEqualTo(403);
        for (String path : new String[] {"/dkim", "/dkim/activate"}) {
            assertThat(console.api("dora:d", "POST", "/api/domains/the-richardsons.org" + path, "{}")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(console.api("rita:r", "POST", "/api/domains/sample.org" + path, "{}")
                            .statusCode())
                    .isEqualTo(403);
        }
        assertThat(console.api("dora:d", "POST", "/api/domains", "{\"domain\":\"a.example\"}")
                        .statusCode())
                .isEqualTo(403);
        console.takeToken("/admin/domains/domain?domain=sample.org");
        assertThat(console.post("/admin/domains/domain", "domain", "sample.org", "action", "rotate")
                        .statusCode())
                .isEqualTo(303);
        assertThat(console.get("/admin/domains/domain?domain=sample.org").body())
                .contains("Made new keys.")
                .contains("Look for the new records");
        console.logIn("rita", "r", "/admin/domains");
        assertThat(console.get("/admin/domains/domain?domain=sample.org").body())
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
        console.logIn("admin", "opensesame", "/admin/domains");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(console.get("/admin/reports").body()).contains("192.0.2.66"));
        assertThat(console.get("/admin/reports").body())
                .contains("1 reporter saw 7 messages: 0 passed (0 %), 7 failed.")
                .contains("p=none lets such mail through")
                .contains("&lt;script&gt;alert(1)")
                .doesNotContain(EVIL);
        assertThat(console.get("/admin/reports?domain=" + URLEncoder.encode(EVIL, StandardCharsets.UTF_8))
                        .body())
                .contains("No report has arrived")
                .doesNotContain(EVIL);
        assertThat(console.api("dora:d", "GET", "/api/received-reports", null).body())
                .contains("\"kind\":\"dmarc\"")
                .contains("\"failed\":7");
        assertThat(console.api("dora:d", "GET", "/api/received-reports?domain=the-richardsons.org", null)
                        .statusCode())
                .isEqualTo(403);
        assertThat(console.api("dora:d", "GET", "/api/received-reports?address=doug@the-richardsons.org", null)
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    @DisplayName("a removal can be undone on the page; it takes effect after its time, and not before")
    void undo() throws Exception {
        MailClient.send(server.smtpPort(), "kim@sample.org", "Subject: " + EVIL + "\n\nx\n", "ann@far.test");
        await().atMost(Duration.ofSeconds(30)).until(() -> server.output().contains("event=deferred"));
        console.logIn("admin", "opensesame", "/admin/domains");
        console.takeToken("/admin/queue");
        assertThat(console.post("/admin/queue", "action", "remove", "domain", "far.test", "confirmed", "yes")
                        .statusCode())
                .isEqualTo(303);
        String page = console.get("/admin/queue").body();
        assertThat(page)
                .contains("1 recipient of 1 message will be removed in")
                .contains(">Undo</button>")
                .contains("&lt;script&gt;")
                .doesNotContain(EVIL)
                .contains("1 message.");
        String order = page.replaceAll("(?s).*?name=\"order\" value=\"([^\"]+)\".*", "$1");
        assertThat(console.api("rita:r", "DELETE", "/api/queue/orders/" + order, null)
                        .statusCode())
                .isEqualTo(403);
        console.forgeToken();
        assertThat(console.post("/admin/queue/undo", "order", order).statusCode())
                .isEqualTo(403);
        console.takeToken("/admin/queue");
        assertThat(console.post("/admin/queue/undo", "order", order).statusCode())
                .isEqualTo(303);
        assertThat(console.get("/admin/queue").body())
                .contains("Undone: nothing was changed (1 recipient of 1 message)");
        assertThat(console.post("/admin/queue/undo", "order", order).body()).contains("undone already");
        HttpResponse<String> quick = console.api(
                "admin:opensesame",
                "POST",
                "/api/queue",
                "{\"action\":\"bounce\",\"domain\":\"far.test\",\"undo_seconds\":1}");
        assertThat(quick.body()).contains("\"state\":\"waiting\"").contains("\"recipients\":1");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(console.api("admin:opensesame", "GET", "/api/queue/orders", null)
                                .body())
                        .contains("\"state\":\"done\""));
        assertThat(console.api("admin:opensesame", "GET", "/api/queue?to=ann@far.test", null)
                        .body())
                .startsWith("[]");
        assertThat(console.api(
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
        console.logIn("dora", "d", "/admin/domains");
        assertThat(console.get("/admin/queue").body())
                .contains("plan nine")
                .contains("far.test")
                .contains("backs off")
                .doesNotContain("secret")
                .doesNotContain("bob@")
                .doesNotContain("doug@")
                .doesNotContain(">remove</button>");
        assertThat(console.get("/admin/queue?text=doug").body()).contains("No message matches.");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(console.get("/admin/trace?text=NINE").body()).contains("plan nine"));
        assertThat(console.get("/admin/trace?text=nine").body())
                .contains("1 message,")
                .doesNotContain("secret");
        String hidden = console.api("admin:opensesame", "GET", "/api/queue?to=bob@far.test", null)
                .body()
                .replaceAll("(?s).*?\"id\":\"([^\"]+)\".*", "$1");
        assertThat(console.get("/admin/trace?text=" + hidden).body()).contains("0 messages");
        assertThat(console.get("/admin/queue/message?id=" + hidden).statusCode())
                .isEqualTo(404);
        assertThat(console.api("dora:d", "GET", "/api/queue/" + hidden, null).statusCode())
                .isEqualTo(403);
        assertThat(console.api("dora:d", "GET", "/api/queue/summary", null).body())
                .contains("\"messages\":1,");
        assertThat(console.api("dora:d", "GET", "/api/queue?to=bob@far.test", null)
                        .body())
                .startsWith("[]");
        console.logIn("admin", "opensesame", "/admin/domains");
        assertThat(console.get("/admin/trace?text=secret%20nine").body())
                .contains("secret nine")
                .contains("1 message,");
        assertThat(server.output()).doesNotContain("secret nine");
    }
}
