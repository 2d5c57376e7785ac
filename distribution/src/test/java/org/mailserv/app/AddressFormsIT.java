package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All forms of an address, through the jar: received, relayed, fetched, and typed on the command line. */
@Timeout(300)
class AddressFormsIT {
    private static final String LISTENERS = """
            data-dir = "data"
            users-file = "users"
            listeners = [
              { kind = smtp, address = "127.0.0.1", port = 0 }
              { kind = pop3, address = "127.0.0.1", port = 0 }
            ]
            pop3.plaintext-networks = ["127.0.0.0/8"]
            """;
    private static final String ODD_MAILBOXES = """
            "a..b" { password = "{PLAIN}secret" }
            ".c" { password = "{PLAIN}secret" }
            "d." { password = "{PLAIN}secret" }
            "long-%s" { password = "{PLAIN}secret" }
            """.formatted("9".repeat(120));

    @TempDir
    Path folder;

    private Path home;
    private ServerProcess server;
    private ServerProcess destination;

    @BeforeEach
    void start() throws IOException {
        destination = ServerProcess.start(
                Files.createDirectories(folder.resolve("destination")),
                "hostname = mx.far.test\n" + LISTENERS + "domains { \"xn--strae-oqa.test\" { mailboxes {\n"
                        + ODD_MAILBOXES + "} } }\n");
        home = Files.createDirectories(folder.resolve("server"));
        // As an earlier version made it, whose folders had the form of the configuration.
        Files.createDirectories(home.resolve("data/domains/b%c3%bccher.test/ju%cc%88rgen/new"));
        server = ServerProcess.start(
                home,
                "hostname = \"mx.bücher.test\"\n" + LISTENERS + """
                relay-networks = ["127.0.0.0/8"]
                relay { allow-loopback = true, retry.schedule = [1h] }
                relay.routes { "straße.test" { host = "127.0.0.1", port = %d } }
                domains { "bu\u0308cher.test" { mailboxes {
                  "jürgen" { password = "{PLAIN}secret" }
                """.formatted(destination.smtpPort()) + ODD_MAILBOXES
                        + "} } }\n");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        destination.close();
    }

    @Test
    @DisplayName(
            "a domain and its mailboxes are one in all forms; odd and long local parts are received, relayed and fetched")
    void allForms() throws Exception {
        assertThat(Tools.python("address_forms.py", server.smtpPort(), server.pop3Port(), destination.pop3Port()))
                .contains("same");
        assertThat(home.resolve("data/domains/b%c3%bccher.test/ju%cc%88rgen/new"))
                .isNotEmptyDirectory();
        assertThat(home.resolve("data/domains/xn--bcher-kva.test")).doesNotExist();
        assertThat(server.output()).contains("mx.xn--bcher-kva.test");
    }

    @Test
    @DisplayName("the command line knows all forms")
    void commandLine() throws Exception {
        assertThat(mailserv("explain", "JÜRGEN@bücher.test").output()).contains("mailbox   ");
        assertThat(mailserv("explain", "a..b@xn--bcher-kva.test").output()).contains("mailbox   ");
        assertThat(mailserv("explain", "x@straße.test").output()).contains("xn--strae-oqa.test");
        assertThat(mailserv("user", "add", "Ärmel@BÜCHER.test", "--password-stdin")
                        .code())
                .isZero();
        ServerProcess.Result twice = mailserv("user", "add", "A\u0308rmel@xn--bcher-kva.test", "--password-stdin");
        assertThat(twice.code()).isEqualTo(2);
        assertThat(twice.output()).contains("already");
        assertThat(mailserv("user", "add", "\"a:b\"@bücher.test", "--password-stdin")
                        .code())
                .isEqualTo(2);
        assertThat(mailserv("user", "remove", "äRMEL@bücher.test").code()).isZero();
        assertThat(mailserv("alias", "add", "\"x..y\"@bücher.test", "jürgen").code())
                .isZero();
        assertThat(mailserv("explain", "x..y@BÜCHER.test").output()).contains("jürgen@xn--bcher-kva.test");
    }

    private ServerProcess.Result mailserv(String... arguments) throws Exception {
        return ServerProcess.run(home, "secret\n", arguments);
    }
}
