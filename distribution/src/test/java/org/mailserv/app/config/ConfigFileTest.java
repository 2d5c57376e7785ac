package org.mailserv.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.config.RecordBinder;

class ConfigFileTest {
    @TempDir
    Path folder;

    private Path file(String text) throws Exception {
        return Files.writeString(folder.resolve("mailserv.conf"), text);
    }

    private List<String> problems(String text) throws Exception {
        Path file = file(text);
        return catchThrowableOfType(ConfigurationException.class, () -> ConfigFile.load(file))
                .problems();
    }

    @Test
    @DisplayName("M11: ports, domains with their paths, threads; all else has its default")
    void readsAFile() throws Exception {
        MailservConfig config = ConfigFile.load(file("""
                        hostname = mx.example.org
                        domains { "example.org" { path = /srv/mail, mailboxes { doug { password = "{PLAIN}x", quota = 10M } } } }
                        listeners = [ { kind = smtp, address = "::1", port = 2525 } ]
                        smtp.max-message-size = 1M
                        smtp.command-timeout = 30s
                        """));
        assertThat(config.smtp().maxMessageSize()).isEqualTo(1 << 20);
        assertThat(config.smtp().commandTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.smtp().hopLimit()).isEqualTo(100);
        assertThat(config.domains().get("example.org").path()).isEqualTo(Path.of("/srv/mail"));
        assertThat(config.domains().get("example.org").mailboxes().get("doug").quota())
                .isEqualTo(10 << 20);
    }

    @Test
    @DisplayName("every mistake in one line with file, line, key and what was expected; all at once")
    void tellsAllMistakesAtOnce() throws Exception {
        List<String> problems = problems("""
                hostnam = x
                smtp.hop-limit = many
                pop3.idle-timeout = soon
                net.transport = kqueue
                listeners = [ { kind = smtp, address = "*", port = 99999 } ]
                relay-networks = ["10.0.0.0/33"]
                """);
        String file = folder.resolve("mailserv.conf").toString();
        assertThat(problems)
                .contains(
                        file + ":1: hostnam: unknown key (did you mean hostname?)",
                        file + ":2: smtp.hop-limit: many (expected: a whole number)",
                        file + ":3: pop3.idle-timeout: soon (expected: a time such as 30s or 5m)",
                        file + ":4: net.transport: kqueue (expected: auto, epoll, nio, io-uring)",
                        file + ":5: listeners[0].port: 99999 (expected: 0 to 65535)");
    }

    @Test
    void tellsAnUnreadableNetwork() throws Exception {
        assertThat(problems("relay-networks = [\"10.0.0.0/33\"]"))
                .singleElement()
                .asString()
                .contains("10.0.0.0/33")
                .contains("expected: an address");
    }

    @Test
    void tellsASyntaxErrorWithItsLine() throws Exception {
        assertThat(problems("hostname = x\nsmtp {\n"))
                .singleElement()
                .asString()
                .contains("mailserv.conf")
                .contains("3");
    }

    @Test
    void hidesPasswords() throws Exception {
        List<String> problems = problems("domains { \"example.org\" { mailboxes { doug { password = hunter2 } } } }");
        assertThat(problems)
                .singleElement()
                .asString()
                .contains("has no scheme")
                .doesNotContain("hunter2");
    }

    @Test
    void everyDefaultBindsAndTheDevelopmentServerToo() throws Exception {
        assertThat(ConfigFile.load(file("")).domains()).isEmpty();
        assertThat(ConfigFile.load(null).domains()).containsKey("the-richardsons.org");
    }

    private MailservConfig fromEnvironment(Map<String, String> environment) throws Exception {
        return RecordBinder.bind(
                ConfigFile.read(folder.resolve("missing.conf"), new ServerOptions(), environment),
                MailservConfig.class);
    }

    @Test
    @DisplayName(
            "U4: a file that the environment names may be missing where the environment has the names of host and domain")
    void environmentAlone() throws Exception {
        String file = folder.resolve("missing.conf").toString();
        MailservConfig config = fromEnvironment(Map.of(
                "MAILSERV_CONFIG",
                file,
                "MAILSERV_HOSTNAME",
                "mx.example.org",
                "MAILSERV_ACCOUNT",
                "joe@example.org",
                "MAILSERV_PASSWORD",
                "x"));
        assertThat(config.hostname()).isEqualTo("mx.example.org");
        assertThat(config.domains().keySet()).containsExactly("example.org");
        assertThat(config.domains().get("example.org").postmaster()).isEqualTo("joe@example.org");
        assertThat(config.usersFilePath()).isEqualTo(Path.of("/var/lib/mailserv/users"));
        config = fromEnvironment(Map.of(
                "MAILSERV_CONFIG", file, "MAILSERV_HOSTNAME", "mx.example.org", "MAILSERV_DOMAINS", "a.test, b.test"));
        assertThat(config.domains().keySet()).containsExactlyInAnyOrder("a.test", "b.test");
        for (Map<String, String> tooLittle : List.of(
                Map.of("MAILSERV_CONFIG", file),
                Map.of("MAILSERV_CONFIG", file, "MAILSERV_HOSTNAME", "mx.example.org"),
                Map.of("MAILSERV_HOSTNAME", "mx.example.org", "MAILSERV_DOMAINS", "a.test"))) {
            assertThat(catchThrowableOfType(ConfigurationException.class, () -> fromEnvironment(tooLittle))
                            .problems())
                    .singleElement()
                    .asString()
                    .startsWith(file + ": no such file");
        }
    }

    @Test
    @DisplayName(
            "U4: the defaults of an image are below the file, and the first account leaves a domain of the file as it is")
    void defaultsOfAnImage() throws Exception {
        Path defaults = Files.writeString(folder.resolve("image.conf"), "http { enabled = true, address = 0.0.0.0 }");
        Path file = file("""
                hostname = mx.example.org
                domains { "example.org" { postmaster = "kim@example.org" } }
                first-account { address = "joe@example.org", password = x }
                http.address = "127.0.0.1"
                """);
        MailservConfig config = RecordBinder.bind(
                ConfigFile.read(file, new ServerOptions(), Map.of("MAILSERV_DEFAULTS", defaults.toString())),
                MailservConfig.class);
        assertThat(config.http().enabled()).isTrue();
        assertThat(config.http().address()).isEqualTo("127.0.0.1");
        assertThat(config.domains().get("example.org").postmaster()).isEqualTo("kim@example.org");
    }

    @Test
    @DisplayName(
            "a domain is known by one name, in whatever form it is written; one that is there in two forms, or is none, is told")
    void internationalizedDomains() throws Exception {
        MailservConfig config = ConfigFile.load(file("""
                hostname = "MX.bücher.example"
                primary-domain = "BÜCHER.example"
                domains { "bu\u0308cher.example" {} }
                """));
        assertThat(config.hostname()).isEqualTo("mx.xn--bcher-kva.example");
        assertThat(config.primaryDomain()).isEqualTo("xn--bcher-kva.example");
        assertThat(config.domains()).containsOnlyKeys("xn--bcher-kva.example");
        assertThat(problems("domains { \"bücher.example\" {}, \"xn--bcher-kva.example\" {} }"))
                .anyMatch(line -> line.contains("domains") && line.contains("the same domain"));
        assertThat(problems("domains { \"xn--a.example\" {} }")).anyMatch(line -> line.contains("xn--a.example"));
        assertThat(problems("hostname = \"a\u200Db.example\"")).anyMatch(line -> line.contains("hostname"));
    }
}
