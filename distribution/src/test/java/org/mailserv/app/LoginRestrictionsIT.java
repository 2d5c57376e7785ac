package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Restrictions of a users file, over every way to log in. */
@Timeout(120)
class LoginRestrictionsIT {
    private static final String CONFIG =
            ServerProcess.CONFIG.replace("listeners = [", """
            plaintext-auth-networks = ["127.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24"]
            pop3.passwordless-networks = ["127.0.0.0/8"]
            login { failure-delay = 0s, max-failures = 1000 }
            listeners = [
              { kind = submission, address = "127.0.0.1", port = 0, tls = none, proxy-from = ["127.0.0.0/8"] }
            """) + "pop3.plaintext-networks = [\"127.0.0.0/8\"]\n";

    @TempDir
    Path folder;

    /** A dialogue of one line each way; gives the last reply. */
    private static String talk(int port, String prologue, String... lines) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            socket.getOutputStream().write(prologue.getBytes(ISO_8859_1));
            String reply = in.readLine();
            for (String line : lines) {
                String timestamp = reply.replaceAll(".*(<\\S+>).*", "$1");
                socket.getOutputStream().write((resolved(line, timestamp) + "\r\n").getBytes(ISO_8859_1));
                do {
                    reply = in.readLine();
                } while (reply.matches("\\d{3}-.*"));
            }
            return reply;
        }
    }

    private static String resolved(String line, String timestamp) {
        if (!line.startsWith("APOP ")) {
            return line;
        }
        try {
            byte[] digest = MessageDigest.getInstance("MD5").digest((timestamp + "secret").getBytes(UTF_8));
            return line + " " + HexFormat.of().formatHex(digest);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    @Test
    @DisplayName(
            "allow_nets, nologin and what is unknown hold for POP3, APOP, SASL and submission, by the address behind a proxy")
    void restrictsEveryLogin() throws Exception {
        Files.writeString(folder.resolve("users"), """
                near@sample.org:{PLAIN}secret::::::allow_nets=127.0.0.0/8,192.0.2.0/24
                far@sample.org:{PLAIN}secret::::::allow_nets=198.51.100.0/24,2001:db8::/32
                none@sample.org:{PLAIN}secret::::::nologin=y
                odd@sample.org:{PLAIN}secret::::::only_on_sundays=y
                open@sample.org:::::::nopassword=y allow_nets=198.51.100.0/24
                cram@sample.org:{CRAM-MD5}00::::::
                """);
        try (ServerProcess server = ServerProcess.start(folder, CONFIG)) {
            int pop3 = server.pop3Port();
            assertThat(talk(pop3, "", "USER near@sample.org", "PASS secret")).startsWith("+OK");
            assertThat(talk(pop3, "", "APOP near@sample.org")).startsWith("+OK");
            for (String user : new String[] {"far", "none", "odd", "cram"}) {
                String name = user + "@sample.org";
                assertThat(talk(pop3, "", "USER " + name, "PASS secret"))
                        .as(name)
                        .startsWith("-ERR [AUTH]");
                assertThat(talk(pop3, "", "APOP " + name)).as(name).startsWith("-ERR [AUTH]");
                assertThat(talk(pop3, "", "AUTH PLAIN " + base64("\0" + name + "\0secret")))
                        .as(name)
                        .startsWith("-ERR [AUTH]");
                assertThat(submit(server, "192.0.2.9", name)).as(name).startsWith("535");
            }
            assertThat(talk(pop3, "", "USER open@sample.org", "PASS x")).startsWith("-ERR");
            assertThat(talk(pop3, "", "USER open@sample.org", "STAT")).startsWith("-ERR");
            assertThat(submit(server, "192.0.2.9", "near@sample.org")).startsWith("235");
            assertThat(submit(server, "198.51.100.9", "near@sample.org")).startsWith("535");
            assertThat(submit(server, "198.51.100.9", "far@sample.org")).startsWith("235");
            assertThat(server.output()).contains("reason=\"not in allow_nets\"").contains("reason=\"nologin\"");
            assertThat(server.output()).contains("event=users-file problem=").contains("only_on_sundays");
        }
        ServerProcess.Outputs list = ServerProcess.runApart(folder, Map.of(), "user", "list");
        assertThat(list.data())
                .contains("none@sample.org\tclosed: nologin\n")
                .contains("odd@sample.org\tclosed: only_on_sundays is not supported\n")
                .contains("near@sample.org\tonly from its allow_nets\n")
                .doesNotContain("event=")
                .doesNotContain("users:4");
        assertThat(list.errors())
                .contains("users:4: odd@sample.org: only_on_sundays")
                .contains("{CRAM-MD5}");
        assertThat(ServerProcess.run(folder, "", "check-config").output())
                .contains("users:4: odd@sample.org: only_on_sundays");
    }

    private static String submit(ServerProcess server, String client, String login) throws IOException {
        return talk(
                server.port("submission"),
                "PROXY TCP4 " + client + " 127.0.0.1 40000 587\r\n",
                "EHLO client.test",
                "AUTH PLAIN " + base64("\0" + login + "\0secret"));
    }
}
