package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Accounts and aliases on the console, as an administrator and as the administrator of one domain. */
@Timeout(120)
class ConsoleAccountsIT {
    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private ServerProcess server;
    private String base;
    private String cookie;
    private String token;

    @BeforeEach
    void start() throws Exception {
        server = ServerProcess.start(folder, ServerProcess.CONFIG + """
                http { enabled = true, port = 0, admin-password = "{PLAIN}opensesame", administrators {
                  dora { password = "{PLAIN}d", role = domain-administrator, domains = [Sample.ORG] }
                  rosa { password = "{PLAIN}r", role = read-only, domains = [sample.org] }
                } }
                """);
        base = "http://127.0.0.1:" + server.port("http");
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

    private void logIn(String user, String password) throws Exception {
        HttpResponse<String> in = send(
                to("/admin/login").POST(HttpRequest.BodyPublishers.ofString("user=" + user + "&password=" + password)));
        cookie = in.headers().firstValue("set-cookie").orElseThrow().split(";")[0];
        token = get("/admin/accounts").replaceAll("(?s).*?name=\"token\" value=\"([^\"]+)\".*", "$1");
    }

    private String get(String path) throws Exception {
        return send(to(path).header("Cookie", cookie)).body();
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
    @DisplayName(
            "an administrator adds, changes, disables and removes an account, each at once and with a line in the log")
    void accounts() throws Exception {
        logIn("admin", "opensesame");
        assertThat(get("/admin/accounts")).contains("doug@the-richardsons.org").contains("from the configuration");
        assertThat(get("/admin/accounts/user?user=doug@the-richardsons.org"))
                .contains("written in the configuration file")
                .doesNotContain("Change the password");
        assertThat(post("/admin/accounts", "user", "lee@sample.org", "password", "s3cretword", "again", "two")
                        .body())
                .contains("The two passwords differ.");
        assertThat(post(
                                "/admin/accounts",
                                "user",
                                "lee@sample.org",
                                "password",
                                "s3cretword",
                                "again",
                                "s3cretword",
                                "quota",
                                "5")
                        .statusCode())
                .isEqualTo(303);
        assertThat(get("/admin/accounts/user?user=lee@sample.org"))
                .contains("Added lee@sample.org.")
                .contains("of 5.0 MiB");
        assertThat(get("/admin/accounts/user?user=lee@sample.org")).doesNotContain("Added lee");
        String user = "lee@sample.org";
        String path = "/admin/accounts/user";
        post(path, "user", user, "action", "quota", "quota", "9", "messages", "70");
        post(path, "user", user, "action", "forward", "forward", "ann@far.test\nkim@sample.org", "copy", "yes");
        post(path, "user", user, "action", "disable");
        assertThat(get(path + "?user=" + user))
                .contains("of 9.0 MiB")
                .contains("ann@far.test, kim@sample.org, with a copy")
                .contains("Enable the login");
        assertThat(post(path, "user", user, "action", "explode").statusCode()).isEqualTo(400);
        assertThat(post(path, "user", user, "action", "quota", "quota", "much").body())
                .contains("is no number");
        assertThat(get(path + "/remove?user=" + user)).contains("stays on the disk");
        assertThat(get("/admin/accounts")).contains(user);
        post(path + "/remove", "user", user);
        assertThat(get("/admin/accounts?text=lee")).contains("0 accounts");
        assertThat(server.output())
                .contains(
                        "call=\"POST /api/users\" what=\"user=lee@sample.org quota=5242880\" by=\"admin\" result=\"done\"")
                .contains("call=\"DELETE /api/users/{user}\" what=\"user=lee@sample.org\" by=\"admin\"")
                .doesNotContain("s3cretword");
    }

    @Test
    @DisplayName("aliases and the catch-all of a domain are set, shown and removed")
    void aliases() throws Exception {
        logIn("admin", "opensesame");
        post("/admin/aliases", "action", "set", "alias", "info@sample.org", "targets", "kim\ncrowd");
        assertThat(get("/admin/aliases")).contains("info@sample.org leads to").contains("kim");
        post("/admin/aliases", "action", "set", "alias", "@sample.org", "targets", "kim");
        assertThat(get("/admin/aliases")).contains("catch-all");
        assertThat(get("/admin/aliases?text=info")).contains("1 alias.");
        post("/admin/aliases", "action", "remove", "alias", "info@sample.org");
        assertThat(get("/admin/aliases?text=info")).contains("0 aliases.");
    }

    @Test
    @DisplayName("the administrator of a domain sees and changes what belongs to it, by page and API, and nothing else")
    void administratorOfADomain() throws Exception {
        logIn("dora", "d");
        assertThat(get("/admin/accounts")).contains("kim@sample.org").doesNotContain("doug@");
        assertThat(send(to("/admin").header("Cookie", cookie)).headers().firstValue("location"))
                .contains("/admin/accounts");
        assertThat(send(to("/admin/sessions").header("Cookie", cookie)).statusCode())
                .isEqualTo(403);
        assertThat(post("/admin/accounts", "user", "lee@sample.org", "password", "x1", "again", "x1")
                        .statusCode())
                .isEqualTo(303);
        assertThat(post("/admin/accounts", "user", "lee@the-richardsons.org", "password", "x1", "again", "x1")
                        .statusCode())
                .isEqualTo(403);
        String elsewhere = "/api/users/doug@the-richardsons.org";
        assertThat(api("dora:d", "GET", "/api/users/kim@sample.org", null).statusCode())
                .isEqualTo(200);
        for (String[] refused : new String[][] {
            {"GET", elsewhere, null},
            {"GET", "/api/users?domain=the-richardsons.org", null},
            {"PATCH", elsewhere, "{\"password\":\"y\"}"},
            {"PUT", elsewhere + "/forward", "{\"to\":[\"dora@evil.test\"]}"},
            {"DELETE", elsewhere, null},
            {"POST", elsewhere + "/release", "{}"},
            {"POST", "/api/users", "{\"user\":\"x@the-richardsons.org\",\"password\":\"y\"}"},
            {"POST", "/api/users", "{\"user\":\"x\",\"password\":\"y\"}"},
            {"GET", "/api/aliases?domain=the-richardsons.org", null},
            {"POST", "/api/aliases", "{\"alias\":\"@the-richardsons.org\",\"targets\":[\"kim@sample.org\"]}"},
            {"PUT", "/api/aliases/x@the-richardsons.org", "{\"targets\":[\"kim@sample.org\"]}"},
            {"DELETE", "/api/aliases/x@the-richardsons.org", null}
        }) {
            assertThat(api("dora:d", refused[0], refused[1], refused[2]).statusCode())
                    .as(refused[0] + " " + refused[1])
                    .isEqualTo(403);
        }
        assertThat(api("dora:d", "GET", "/api/users", null).body())
                .contains("kim@sample.org")
                .doesNotContain("richardsons");
        assertThat(api("dora:d", "GET", "/api/mailboxes", null).body()).doesNotContain("richardsons");
        assertThat(api("dora:d", "PUT", "/api/aliases/x@sample.org", "{\"targets\":[\"kim\"]}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("who reads one domain changes nothing even there")
    void readerOfADomain() throws Exception {
        logIn("rosa", "r");
        assertThat(get("/admin/accounts"))
                .contains("kim@sample.org")
                .doesNotContain("doug@")
                .doesNotContain("New account");
        assertThat(post("/admin/accounts", "user", "lee@sample.org", "password", "x1", "again", "x1")
                        .statusCode())
                .isEqualTo(403);
        assertThat(api("rosa:r", "PATCH", "/api/users/kim@sample.org", "{\"disabled\":true}")
                        .statusCode())
                .isEqualTo(403);
    }
}
