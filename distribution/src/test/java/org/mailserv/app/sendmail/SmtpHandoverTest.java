package org.mailserv.app.sendmail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;

/** The hand-over by SMTP and SMTP on standard input, against a server that is strict about what it offers. */
@Timeout(60)
class SmtpHandoverTest {
    private static final ReversePath SENDER = new ReversePath(new Address("root", "d.test"));
    private static final Address ANN = new Address("ann", "d.test");
    private static final Address BOB = new Address("bob", "d.test");

    /** Answers one connection from a table by the beginning of the command, 250 to all else, and keeps what it was told. */
    private static final class Server implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final List<String> heard = new ArrayList<>();
        private final Map<String, String> replies;
        private final CompletableFuture<Void> done;

        Server(Map<String, String> replies) throws IOException {
            this.replies = replies;
            this.done = CompletableFuture.runAsync(this::serve);
        }

        Socket connect() throws IOException {
            return new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
        }

        private void serve() {
            try (Socket socket = listener.accept()) {
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                say(socket, "220 x.test");
                boolean content = false;
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    heard.add(line);
                    if (content && !line.equals(".")) {
                        continue;
                    }
                    // Nothing of the next command may have come: this server offers no PIPELINING.
                    assertThat(in.ready()).as("behind %s", line).isFalse();
                    String said = line;
                    String reply = replies.entrySet().stream()
                            .filter(entry -> said.startsWith(entry.getKey()))
                            .map(Map.Entry::getValue)
                            .findFirst()
                            .orElse(line.equals("DATA") ? "354 go" : line.equals("QUIT") ? "221 bye" : "250 ok");
                    content = line.equals("DATA") && reply.startsWith("3");
                    say(socket, reply);
                    if (line.equals("QUIT")) {
                        return;
                    }
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private static void say(Socket socket, String reply) throws IOException {
            socket.getOutputStream().write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
        }

        List<String> heard() {
            done.join();
            return heard;
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private static List<SmtpHandover.Refusal> send(Server server, String text, Address... recipients) throws Exception {
        try (Socket socket = server.connect()) {
            return new SmtpHandover(socket, "me.test")
                    .send(
                            SENDER,
                            Arrays.asList(recipients),
                            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                            new SmtpHandover.Wishes(true, "NEVER", "HDRS", "id"));
        }
    }

    @Test
    @DisplayName("no parameter is sent that the server does not offer, and none to a server without EHLO")
    void extensions() throws Exception {
        try (Server server = new Server(Map.of("EHLO", "250-x.test\r\n250 SIZE 10"))) {
            send(server, "x\n", ANN);
            assertThat(server.heard()).contains("MAIL FROM:<root@d.test>", "RCPT TO:<ann@d.test>");
        }
        try (Server server = new Server(Map.of("EHLO", "502 what?"))) {
            send(server, "x\n", ANN);
            assertThat(server.heard()).contains("HELO me.test", "MAIL FROM:<root@d.test>", "RCPT TO:<ann@d.test>");
        }
        try (Server server = new Server(Map.of("EHLO", "250-x.test\r\n250-8bitmime\r\n250-DSN\r\n250 SMTPUTF8"))) {
            send(server, "x\n", ANN);
            assertThat(server.heard())
                    .contains(
                            "MAIL FROM:<root@d.test> BODY=8BITMIME RET=HDRS ENVID=id",
                            "RCPT TO:<ann@d.test> NOTIFY=NEVER");
        }
    }

    @Test
    @DisplayName("SMTPUTF8 is asked for where an address needs it, and missed where it is not offered")
    void smtpUtf8() throws Exception {
        Address anne = new Address("änn", "d.test");
        try (Server server = new Server(Map.of("EHLO", "250-x.test\r\n250 SMTPUTF8"))) {
            send(server, "x\n", anne);
            assertThat(server.heard()).contains("MAIL FROM:<root@d.test> SMTPUTF8", "RCPT TO:<änn@d.test>");
        }
        try (Server server = new Server(Map.of())) {
            assertThatThrownBy(() -> send(server, "x\n", anne)).hasMessageContaining("5.6.7");
        }
    }

    @Test
    @DisplayName("the content has CRLF line ends, doubled dots and an end, whatever it came with")
    void content() throws Exception {
        try (Server server = new Server(Map.of())) {
            send(server, ".\n..a\r\nb\n.\r\r\n.x", ANN);
            List<String> heard = server.heard();
            assertThat(heard.subList(heard.indexOf("DATA") + 1, heard.size() - 1))
                    .containsExactly("..", "...a", "b", "..", "", "..x", ".");
        }
    }

    @Test
    @DisplayName("those who are known get the message, and the others are named; one who may be known later stops it")
    void refusals() throws Exception {
        try (Server server = new Server(Map.of("RCPT TO:<bob", "550-5.1.1 No\r\n550 5.1.1 such user"))) {
            assertThat(send(server, "x\n", ANN, BOB))
                    .containsExactly(new SmtpHandover.Refusal(BOB, "550 5.1.1 No 5.1.1 such user"));
            assertThat(server.heard()).contains("DATA");
        }
        for (String reply : List.of("450 4.2.0 later", "550 5.1.1 no")) {
            try (Server server = new Server(Map.of("RCPT TO:<ann", reply, "RCPT TO:<bob", reply))) {
                assertThatThrownBy(() -> send(server, "x\n", ANN, BOB))
                        .isInstanceOf(SmtpHandover.RefusedException.class)
                        .hasMessage(reply);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "550 5.1.1 x,67",
        "553 5.1.6 x,67",
        "550 5.1.2 x,68",
        "501 5.1.3 x,65",
        "554 5.6.0 x,65",
        "550 5.7.1 x,77",
        "552 5.3.4 x,69",
        "554 x,69",
        "450 4.2.1 x,75",
        "'',75"
    })
    @DisplayName("a refusal becomes an exit code of sysexits")
    void exitCodes(String reply, int code) {
        assertThat(SendmailException.codeOf(reply)).isEqualTo(code);
    }

    private static String pipe(Server server, String input, boolean whole) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Socket socket = server.connect()) {
            SmtpPipe pipe = new SmtpPipe(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out, socket);
            assertThat(pipe.run()).isEqualTo(whole);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    @DisplayName("-bs: commands and message may come all at once, with LF or CRLF, and without QUIT")
    void pipedAtOnce(String end) throws Exception {
        String input = String.join(
                end,
                "EHLO x",
                "MAIL FROM:<a@d.test>",
                "RCPT TO:<ann@d.test>",
                "DATA",
                "Subject: x",
                "",
                "..dot",
                ".",
                "NOOP",
                "");
        try (Server server = new Server(Map.of())) {
            assertThat(pipe(server, input, true))
                    .startsWith("220 ")
                    .contains("354 ")
                    .endsWith("250 ok\r\n");
            assertThat(server.heard())
                    .containsExactly(
                            "EHLO x",
                            "MAIL FROM:<a@d.test>",
                            "RCPT TO:<ann@d.test>",
                            "DATA",
                            "Subject: x",
                            "",
                            "..dot",
                            ".",
                            "NOOP",
                            "QUIT");
        }
    }

    @Test
    @DisplayName("-bs: a message whose end does not come is not sent")
    void pipedHalf() throws Exception {
        try (Server server = new Server(Map.of())) {
            pipe(server, "MAIL FROM:<a@d.test>\nRCPT TO:<ann@d.test>\nDATA\nhalf a mess", false);
            assertThat(server.heard()).doesNotContain(".").doesNotContain("QUIT");
        }
    }

    @Test
    @DisplayName("-bs: QUIT ends the session, and replies of several lines pass")
    void pipedQuit() throws Exception {
        try (Server server = new Server(Map.of("EHLO", "250-x.test\r\n250 SIZE"))) {
            assertThat(pipe(server, "EHLO x\nQUIT\nNOOP\n", true))
                    .isEqualTo("220 x.test\r\n250-x.test\r\n250 SIZE\r\n221 bye\r\n");
        }
    }
}
