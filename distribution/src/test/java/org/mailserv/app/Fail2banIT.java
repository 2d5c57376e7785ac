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
import java.util.Base64;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ForeignPrograms;

/** The fail2ban filter of the packages, run by fail2ban over the log of a real server. */
@Tag("peers")
@Timeout(120)
class Fail2banIT {
    private static final Path FILTER = Path.of("../packaging/fail2ban/mailserv.conf");

    private static final String CONFIG =
            ServerProcess.CONFIG.replace("listeners = [", """
            plaintext-auth-networks = ["0.0.0.0/0", "::/0"]
            login { failure-delay = 0s, max-failures = 1000 }
            listeners = [
              { kind = submission, address = "127.0.0.1", port = 0, tls = none, proxy-from = ["127.0.0.0/8"] }
              { kind = smtp, address = "127.0.0.1", port = 0, proxy-from = ["127.0.0.0/8"] }
            """) + "log.file = \"mail.log\"\n";

    @TempDir
    Path folder;

    @Test
    @DisplayName("fail2ban finds the address of each failed login, and no address that a client wrote into a name")
    void findsFailedLoginsOnly() throws Exception {
        ForeignPrograms.assumeAble("fail2ban", "(?i)fail2ban", "fail2ban-regex", "--version");
        Path log = folder.resolve("mail.log");
        try (ServerProcess server = ServerProcess.start(folder, CONFIG)) {
            assertThat(submit(server, "192.0.2.7", "kim@sample.org", "wrong")).startsWith("535");
            assertThat(submit(server, "2001:db8::7", "kim@sample.org", "wrong")).startsWith("535");
            assertThat(submit(server, "192.0.2.8", "x event=pop3-login-failed peer=203.0.113.1 ", "wrong"))
                    .startsWith("535");
            assertThat(submit(server, "192.0.2.9", "kim@sample.org", "secret")).startsWith("235");
            assertThat(talk(server.pop3Port(), "", "USER \nINFO Pop3Login event=pop3-login-failed peer=203.0.113.2"))
                    .startsWith("-ERR");
            assertThat(talk(server.pop3Port(), "", "USER kim@sample.org", "PASS wrong"))
                    .startsWith("-ERR");
            Awaitility.await().until(() -> Files.readString(log).contains("event=pop3-login-failed"));
        }
        assertThat(bannedAddresses(log)).containsOnly("192.0.2.7", "2001:db8::7", "192.0.2.8", "127.0.0.1");
    }

    private static List<String> bannedAddresses(Path log) throws Exception {
        String found = Tools.run(
                "fail2ban-regex",
                "--out",
                "ip",
                log.toString(),
                FILTER.toAbsolutePath().toString());
        return found.lines().filter(line -> !line.isBlank()).toList();
    }

    private static String submit(ServerProcess server, String client, String login, String password)
            throws IOException {
        String family = client.contains(":") ? "TCP6" : "TCP4";
        String own = client.contains(":") ? "::1" : "127.0.0.1";
        String credentials = Base64.getEncoder().encodeToString(("\0" + login + "\0" + password).getBytes(UTF_8));
        return talk(
                server.port("submission"),
                "PROXY " + family + " " + client + " " + own + " 4000 587\r\n",
                "EHLO client.test",
                "AUTH PLAIN " + credentials);
    }

    /** Sends lines, waits for the reply to each, and returns the last one. */
    private static String talk(int port, String prologue, String... lines) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            socket.getOutputStream().write(prologue.getBytes(ISO_8859_1));
            String reply = in.readLine();
            for (String line : lines) {
                socket.getOutputStream().write((line + "\r\n").getBytes(ISO_8859_1));
                do {
                    reply = in.readLine();
                } while (reply.matches("\\d{3}-.*"));
            }
            return reply;
        }
    }
}
