package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Mail in, mail out and POP3 over IPv6. Skipped on a machine without {@code ::1}. */
@Timeout(180)
class Ipv6IT {
    private static final String LISTENERS = """
            listeners = [
              { kind = smtp, address = "::1", port = 0 }
              { kind = pop3, address = "::1", port = 0 }
            ]
            pop3.plaintext-networks = ["::1/128"]
            relay-networks = ["::1/128"]
            """;

    @TempDir
    Path folder;

    private ServerProcess first;
    private ServerProcess second;

    @BeforeEach
    void needsIpv6() {
        boolean there;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            there = socket.isBound();
        } catch (IOException e) {
            there = false;
        }
        assumeTrue(there, "this machine has no ::1");
    }

    @AfterEach
    void stop() throws Exception {
        if (first != null) {
            first.close();
        }
        if (second != null) {
            second.close();
        }
    }

    private static List<String> talk(int port, String... lines) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName("::1"), port)) {
            socket.setSoTimeout(30_000);
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            List<String> replies = new ArrayList<>();
            replies.add(in.readLine());
            for (String line : lines) {
                socket.getOutputStream().write((line + "\r\n").getBytes(ISO_8859_1));
                String reply = in.readLine();
                while (reply.matches("[0-9]{3}-.*")) {
                    reply = in.readLine();
                }
                replies.add(reply);
            }
            return replies;
        }
    }

    private static String fetch(int port, String user) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName("::1"), port)) {
            socket.setSoTimeout(30_000);
            String commands = "USER " + user + "\r\nPASS secret\r\nRETR 1\r\nQUIT\r\n";
            socket.getOutputStream().write(commands.getBytes(ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @Test
    @DisplayName("U9: mail comes and goes over IPv6, with address literals in HELO and in the trace, and is fetched so")
    void bothDirections() throws Exception {
        Path there = Files.createDirectory(folder.resolve("second"));
        second = ServerProcess.start(
                there,
                ServerProcess.CONFIG + LISTENERS
                        + "domains { \"far.test\" { mailboxes { kim { password = \"{PLAIN}secret\" } } } }\n");
        Path here = Files.createDirectory(folder.resolve("first"));
        first = ServerProcess.start(
                here,
                ServerProcess.CONFIG + LISTENERS
                        + "relay { allow-loopback = true, routes { \"far.test\" { host = \"::1\", port = "
                        + second.smtpPort() + " } } }\n");
        List<String> replies = talk(
                first.smtpPort(),
                "EHLO [IPv6:::1]",
                "MAIL FROM:<a@b.test>",
                "RCPT TO:<kim@sample.org>",
                "DATA",
                "Subject: six\r\n\r\nx\r\n.",
                "QUIT");
        assertThat(replies.get(5)).startsWith("250 2.0.0 Ok: queued as");
        assertThat(fetch(first.pop3Port(), "kim@sample.org"))
                .contains("Received: from [IPv6:::1] ([IPv6:::1])")
                .contains("Subject: six");
        assertThat(talk(
                                first.smtpPort(),
                                "EHLO x",
                                "MAIL FROM:<kim@sample.org>",
                                "RCPT TO:<kim@far.test>",
                                "DATA",
                                "Subject: out\r\n\r\nx\r\n.",
                                "QUIT")
                        .get(5))
                .startsWith("250 ");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> fetch(second.pop3Port(), "kim@far.test").contains("Subject: out"));
        assertThat(fetch(second.pop3Port(), "kim@far.test"))
                .contains("Received: from mx.test ([IPv6:::1])")
                .contains("Received: from x ([IPv6:::1])");
    }
}
