package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each kind of secret is planted, and looked for in the whole bundle. Every planted one has "planted" in its name. */
@Timeout(120)
class SupportBundleIT {
    private static final String SETTINGS = """
            log.file = "server.log"
            domains."sample.org" {
              path = "data/post"
              mailboxes { planted-box { password = "{PLAIN}planted-a" }, "kim" { senders = ["planted-sender@x.test"] } }
              aliases { planted-alias = [planted-target] }
              catch-all = planted-catch
              postmaster = planted-master
            }
            first-account { address = "planted-first@sample.org", password = planted-b }
            relay.routes {
              "*" { host = "127.0.0.9", port = 2, user = planted-user, password = planted-c }
            }
            http.admin-password = "{PLAIN}planted-d"
            password-helper.url = "http://planted-e:planted-f@127.0.0.1:9/planted-g?token=planted-h"
            checks.lists.zones = [ { zone = "plantedkey0123456789abcd.zen.dq.spamhaus.net", subject = client, weight = 1 } ]
            """;

    @TempDir
    Path folder;

    private static void say(int port, String... lines) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write((String.join("\r\n", lines) + "\r\n").getBytes(ISO_8859_1));
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        }
    }

    private TreeMap<String, String> bundle() throws Exception {
        ServerProcess.Result result = ServerProcess.run(folder, "", "support-bundle", "bundle.zip");
        assertThat(result.code()).as(result.output()).isZero();
        TreeMap<String, String> entries = new TreeMap<>();
        try (InputStream in = Files.newInputStream(folder.resolve("bundle.zip"));
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), new String(zip.readAllBytes(), UTF_8));
            }
        }
        return entries;
    }

    @Test
    @DisplayName("no secret, login, mailbox name or address of any kind is in a bundle")
    void hidesEachKind() throws Exception {
        Path log = folder.resolve("server.log");
        try (ServerProcess server = ServerProcess.start(folder, ServerProcess.CONFIG + SETTINGS)) {
            say(server.pop3Port(), "USER planted-typed", "PASS planted-pass", "QUIT");
            say(server.pop3Port(), "USER planted\"typed with-blanks", "PASS x", "QUIT");
            await().until(() -> Files.readString(log).split("event=password-helper-failed", -1).length > 2);
            MailClient.send(
                    server.smtpPort(), "planted-from@x.test", "Subject: planted-subject\n\ny\n", "kim@sample.org");
            Path pickup = folder.resolve("data/spool/pickup");
            Files.writeString(pickup.resolve("planted-file"), "no address\n");
            await().until(() -> Files.readString(log).contains("event=pickup-refused"));
            String lines = Files.readString(log) + """
                    x event=other url=https://planted:planted@host.test/planted?key=planted reason="token: planted1"
                    x event=users-file problem="users:3: planted-box: no hash, {SHA256}planted2 or $2y$10$planted3"
                    x event=message-refused reply="550 listed by plantedold0123456789abc.zen.dq.spamhaus.net"
                    x event=password-helper-failed account=planted typed reason="password=planted4"
                    x event=pop3-login-failed peer=192.0.2.1 login=planted reason="wrong"
                    x event=login-failed session=s peer=192.0.2.1 login=planted"7,planted reason="wrong"
                    x event=api {"password":"planted5","secret":"planted6"}
                    """;
            Files.writeString(log, lines);
            TreeMap<String, String> entries = bundle();
            entries.forEach((name, text) -> assertThat(text.lines().filter(line -> line.contains("planted")))
                    .as(name)
                    .isEmpty());
            assertThat(entries.get("config.txt"))
                    .contains("max-recipients")
                    .contains("sample.org")
                    .contains("spamhaus.net");
            assertThat(entries.get("log.txt"))
                    .contains("event=pop3-login-failed")
                    .contains("login=(hidden)");
            assertThat(entries.get("folders.txt"))
                    .contains("spool")
                    .contains("order-key")
                    .doesNotContain("kim");
        }
    }
}
