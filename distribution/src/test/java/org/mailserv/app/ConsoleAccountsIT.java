package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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

    private ServerProcess server;
    private ConsoleClient console;

    @BeforeEach
    void start() throws Exception {
        server = ServerProcess.start(folder, ServerProcess.CONFIG + """
                http { enabled = true, port = 0, admin-password = "{PLAIN}opensesame", administrators {
                  dora { password = "{PLAIN}d", role = domain-administrator, domains = [Sample.ORG] }
                  rosa { password = "{PLAIN}r", role = read-only, domains = [sample.org] }
                } }
                """);
        console = new ConsoleClient(server.port("http"));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    @DisplayName(
            "an administrator adds, changes, disables and removes an account, each at once and with a line in the log")
    void accounts() throws Exception {
        console.logIn("admin", "opensesame", "/admin/accounts");
        assertThat(console.get("/admin/accounts").body())
                .contains("doug@the-richardsons.org")
                .contains("from the configuration");
        assertThat(console.get("/admin/accounts/user?user=doug@the-richardsons.org")
                        .body())
                .contains("written in the configuration file")
                .doesNotContain("Change the password");
        assertThat(console.post("/admin/accounts", "user", "lee@sample.org", "password", "s3cretword", "again", "two")
                        .body())
                .contains("The two passwords differ.");
        assertThat(console.post(
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
        assertThat(console.get("/admin/accounts/user?user=lee@sample.org").body())
                .contains("Added lee@sample.org.")
                .contains("of 5.0 MiB");
        assertThat(console.get("/admin/accounts/user?user=lee@sample.org").body())
                .doesNotContain("Added lee");
        String user = "lee@sample.org";
        String path = "/admin/accounts/user";
        console.post(path, "user", user, "action", "quota", "quota", "9", "messages", "70");
        console.post(path, "user", user, "action", "forward", "forward", "ann@far.test\nkim@sample.org", "copy", "yes");
        console.post(path, "user", user, "action", "disable");
        assertThat(console.get(path + "?user=" + user).body())
                .contains("of 9.0 MiB")
                .contains("ann@far.test, kim@sample.org, with a copy")
                .contains("Enable the login");
        assertThat(console.post(path, "user", user, "action", "explode").statusCode())
                .isEqualTo(400);
        assertThat(console.post(path, "user", user, "action", "quota", "quota", "much")
                        .body())
                .contains("is no number");
        assertThat(console.get(path + "/remove?user=" + user).body()).contains("stays on the disk");
        assertThat(console.get("/admin/accounts").body()).contains(user);
        console.post(path + "/remove", "user", user);
        assertThat(console.get("/admin/accounts?text=lee").body()).contains("0 accounts");
        assertThat(server.output())
                .contains(
                        "call=\"POST /api/users\" what=\"user=lee@sample.org quota=5242880\" by=\"admin\" result=\"done\"")
                .contains("call=\"DELETE /api/users/{user}\" what=\"user=lee@sample.org\" by=\"admin\"")
                .doesNotContain("s3cretword");
    }

    @Test
    @DisplayName("aliases and the catch-all of a domain are set, shown and removed")
    void aliases() throws Exception {
        console.logIn("admin", "opensesame", "/admin/accounts");
        console.post("/admin/aliases", "action", "set", "alias", "info@sample.org", "targets", "kim\ncrowd");
        assertThat(console.get("/admin/aliases").body())
                .contains("info@sample.org leads to")
                .contains("kim");
        console.post("/admin/aliases", "action", "set", "alias", "@sample.org", "targets", "kim");
        assertThat(console.get("/admin/aliases").body()).contains("catch-all");
        assertThat(console.get("/admin/aliases?text=info").body()).contains("1 alias.");
        console.post("/admin/aliases", "action", "remove", "alias", "info@sample.org");
        assertThat(console.get("/admin/aliases?text=info").body()).contains("0 aliases.");
    }

    @Test
    @DisplayName("the administrator of a domain sees and changes what belongs to it, by page and API, and nothing else")
    void administratorOfADomain() throws Exception {
        console.logIn("dora", "d", "/admin/accounts");
        assertThat(console.get("/admin/accounts").body())
                .contains("kim@sample.org")
                .doesNotContain("doug@");
        assertThat(console.get("/admin").headers().firstValue("location")).contains("/admin/accounts");
        assertThat(console.get("/admin/sessions").statusCode()).isEqualTo(403);
        assertThat(console.post("/admin/accounts", "user", "lee@sample.org", "password", "x1", "again", "x1")
                        .statusCode())
                .isEqualTo(303);
        assertThat(console.post("/admin/accounts", "user", "lee@the-richardsons.org", "password", "x1", "again", "x1")
                        .statusCode())
                .isEqualTo(403);
        String elsewhere = "/api/users/doug@the-richardsons.org";
        assertThat(console.api("dora:d", "GET", "/api/users/kim@sample.org", null)
                        .statusCode())
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
            assertThat(console.api("dora:d", refused[0], refused[1], refused[2]).statusCode())
                    .as(refused[0] + " " + refused[1])
                    .isEqualTo(403);
        }
        assertThat(console.api("dora:d", "GET", "/api/users", null).body())
                .contains("kim@sample.org")
                .doesNotContain("richardsons");
        assertThat(console.api("dora:d", "GET", "/api/mailboxes", null).body()).doesNotContain("richardsons");
        assertThat(console.api("dora:d", "PUT", "/api/aliases/x@sample.org", "{\"targets\":[\"kim\"]}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("who reads one domain changes nothing even there")
    void readerOfADomain() throws Exception {
        console.logIn("rosa", "r", "/admin/accounts");
        assertThat(console.get("/admin/accounts").body())
                .contains("kim@sample.org")
                .doesNotContain("doug@")
                .doesNotContain("New account");
        assertThat(console.post("/admin/accounts", "user", "lee@sample.org", "password", "x1", "again", "x1")
                        .statusCode())
                .isEqualTo(403);
        assertThat(console.api("rosa:r", "PATCH", "/api/users/kim@sample.org", "{\"disabled\":true}")
                        .statusCode())
                .isEqualTo(403);
    }
}
