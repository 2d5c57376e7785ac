package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ForeignPrograms;

/** Real clients send through the jar and fetch from it. */
@Timeout(180)
class MailInMailOutIT {
    @TempDir
    static Path folder;

    private static ServerProcess server;

    @BeforeAll
    static void start() throws IOException {
        server = ServerProcess.start(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    @DisplayName("M6, M8: Python sends text, 8 bits, dots, NUL and 10 MB, and fetches the same octets")
    void python() throws Exception {
        assertThat(Tools.python("roundtrip.py", server.smtpPort(), server.pop3Port()))
                .contains("same");
    }

    @Test
    @DisplayName("M1: 100 messages on one connection and 50 connections at once")
    void many() throws Exception {
        assertThat(Tools.python("many.py", server.smtpPort(), server.pop3Port()))
                .contains("300");
    }

    @Test
    @DisplayName("curl sends and fetches, with a UTF-8 header")
    void curl() throws Exception {
        Path message = Files.writeString(
                folder.resolve("message"), "From: doug@the-richardsons.org\r\nSubject: Grüße ✉\r\n\r\nIt works.\r\n");
        Tools.curl(
                "smtp",
                "smtp://127.0.0.1:" + server.smtpPort(),
                "--mail-from",
                "doug@the-richardsons.org",
                "--mail-rcpt",
                "rebecca@the-richardsons.org",
                "-T",
                message.toString());
        String fetched = Tools.curl(
                "pop3", "-u", "rebecca@the-richardsons.org:secret", "pop3://127.0.0.1:" + server.pop3Port() + "/1");
        assertThat(fetched.replace("\r", "")).endsWith("Subject: Grüße ✉\n\nIt works.\n");
    }

    @Test
    @DisplayName("swaks sends")
    void swaks() throws Exception {
        ForeignPrograms.assumeAble("swaks with its Perl modules", "swaks version", "swaks", "--version");
        String said = Tools.run(
                "swaks",
                "--protocol",
                "ESMTP",
                "--server",
                "127.0.0.1:" + server.smtpPort(),
                "--from",
                "kim@sample.org",
                "--to",
                "postmaster@sample.org",
                "--body",
                ".a line with a dot");
        assertThat(said).contains("250 2.");
    }

    @Test
    @DisplayName("F5, F7: a bare socket has the conversation of the old note")
    void socket() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.smtpPort())) {
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            assertThat(in.readLine()).startsWith("220 mx.test ");
            assertThat(say(socket, in, "HELO")).startsWith("501 ");
            assertThat(say(socket, in, "HELO client.test")).startsWith("250 ");
            assertThat(say(socket, in, "MAIL FROM: joe@blow.com")).startsWith("250 ");
            assertThat(say(socket, in, "RCPT TO:<nobody@sample.org>")).startsWith("550 5.1.1");
            assertThat(say(socket, in, "RCPT TO:<someone@elsewhere.test>")).startsWith("550 5.7.1");
            assertThat(say(socket, in, "RCPT TO:<postmaster>")).startsWith("250 ");
            assertThat(say(socket, in, "DATA")).startsWith("354 ");
            assertThat(say(socket, in, "Subject: x\r\n\r\nx\r\n.")).startsWith("250 2.");
            assertThat(say(socket, in, "QUIT")).startsWith("221 ");
            assertThat(in.readLine()).isNull();
        }
    }

    private static String say(Socket socket, BufferedReader in, String line) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(UTF_8));
        return in.readLine();
    }
}
