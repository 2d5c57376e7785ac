package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ForeignPrograms;

/** The admin page in a browser, as on a desk and on a phone, light and dark; the pictures are in {@code target/screenshots}. */
@Tag("peers")
@Timeout(180)
class AdminBrowserIT {
    @TempDir
    Path folder;

    private static String browser(Path profile, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--user-data-dir=" + profile));
        List<String> probe = new ArrayList<>(command);
        probe.addAll(List.of("--dump-dom", "about:blank"));
        ForeignPrograms.assumeAble("a Chromium that starts here", "<html", probe);
        command.addAll(List.of(arguments));
        ServerProcess.Result result = Tools.attempt(command);
        assertThat(result.code()).as(result.output()).isZero();
        return result.output();
    }

    @Test
    @DisplayName(
            "W6: the page fits a desk and a phone, light and dark, needs no script, and its buttons can be reached by keyboard")
    void fits() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        try (ServerProcess server = ServerProcess.start(folder, ServerProcess.CONFIG + """
                relay-networks = ["127.0.0.0/8"]
                relay.routes { "*" { host = "127.0.0.9", port = 2 } }
                http { enabled = true, port = 0, admin-password = "{PLAIN}opensesame" }
                """)) {
            String base = "http://127.0.0.1:" + server.port("http");
            for (int i = 0; i < 3; i++) {
                MailClient.send(
                        server.smtpPort(),
                        "kim@sample.org",
                        "Subject: x\n\ny\n",
                        "a@" + "long-".repeat(8) + i + ".far.test");
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> server.says("event=deferred"));
            HttpResponse<String> in = http.send(
                    HttpRequest.newBuilder(URI.create(base + "/admin/login"))
                            .POST(HttpRequest.BodyPublishers.ofString("password=opensesame"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            String cookie = in.headers().firstValue("set-cookie").orElseThrow().split(";")[0];
            String page = http.send(
                            HttpRequest.newBuilder(URI.create(base + "/admin"))
                                    .header("Cookie", cookie)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            String style = http.send(
                            HttpRequest.newBuilder(URI.create(base + "/admin/style.css"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            assertThat(page).doesNotContain("<script").doesNotContain("http://").doesNotContain("tabindex=\"-1\"");
            Files.writeString(folder.resolve("style.css"), style);
            Path file = Files.writeString(folder.resolve("page.html"), page.replace("/admin/style.css", "style.css"));
            Path measured = Files.writeString(
                    folder.resolve("measured.html"),
                    page.replace("/admin/style.css", "style.css")
                            .replace(
                                    "</body>",
                                    "<script>document.title='width '+document.documentElement.scrollWidth+' of '"
                                            + "+innerWidth+' focus '+document.querySelectorAll('button,input:not([type=hidden])').length"
                                            + "</script></body>"));
            Path pictures =
                    Files.createDirectories(Path.of("target/screenshots").toAbsolutePath());
            Path profile = folder.resolve("profile");
            for (String[] look : new String[][] {{"desk", "1200,1400"}, {"phone", "500,1600"}}) {
                String dom = browser(
                        profile,
                        "--window-size=" + look[1],
                        "--dump-dom",
                        measured.toUri().toString());
                Matcher said = Pattern.compile("<title>width (\\d+) of (\\d+) focus (\\d+)</title>")
                        .matcher(dom);
                assertThat(said.find()).as(look[0]).isTrue();
                assertThat(Integer.parseInt(said.group(1)))
                        .as(look[0])
                        .isLessThanOrEqualTo(Integer.parseInt(said.group(2)));
                assertThat(Integer.parseInt(said.group(3))).isGreaterThanOrEqualTo(13);
                for (String scheme : List.of("0", "1")) {
                    Path picture =
                            pictures.resolve("admin-" + look[0] + (scheme.equals("0") ? "-dark" : "-light") + ".png");
                    Files.deleteIfExists(picture);
                    browser(
                            profile,
                            "--window-size=" + look[1],
                            "--blink-settings=preferredColorScheme=" + scheme,
                            "--screenshot=" + picture,
                            file.toUri().toString());
                    assertThat(picture).isNotEmptyFile();
                }
            }
        }
    }
}
