package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that close their side and wait for answers, as {@code nc -N} and some proxies do. */
@Timeout(180)
class HalfCloseIT {
    private static final String MESSAGE = "Subject: x\r\n\r\ntext\r\n";

    @TempDir
    Path folder;

    private static String toTheEnd(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Sends a message up to its body, closes the side, and returns what comes then. */
    private static String deliver(int port, String body) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            in.readLine();
            for (String command : new String[] {"HELO x", "MAIL FROM:<a@b.test>", "RCPT TO:<kim@sample.org>", "DATA"}) {
                send(socket, command + "\r\n");
                in.readLine();
            }
            send(socket, body);
            socket.shutdownOutput();
            StringBuilder rest = new StringBuilder();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                rest.append(line).append('|');
            }
            return rest.toString();
        }
    }

    private static String closeAtOnce(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            socket.shutdownOutput();
            return toTheEnd(socket);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio", "io-uring"})
    @DisplayName("half-close: every command is answered before the connection ends, over every transport")
    void answersFirst(String transport) throws Exception {
        // A transport that this machine does not have is the server's to report, at its start.
        try (ServerProcess server = startWith(transport)) {
            if (server == null) {
                return;
            }
            int smtp = server.smtpPort();
            assertThat(deliver(smtp, MESSAGE + ".\r\n")).startsWith("250 2.0.0 Ok: queued as");
            assertThat(deliver(smtp, MESSAGE + ".\r\nQUIT\r\n")).contains("250 2.0.0 Ok: queued as", "221 2.0.0 Bye");
            assertThat(deliver(smtp, MESSAGE)).isEmpty();
            assertThat(closeAtOnce(smtp)).startsWith("220 ").doesNotContain("421");
            assertThat(closeAtOnce(server.pop3Port())).startsWith("+OK");
            try (Socket socket = new Socket("127.0.0.1", server.pop3Port())) {
                socket.setSoTimeout(30_000);
                send(socket, "USER kim@sample.org\r\nPASS secret\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nDELE 2\r\nQUIT\r\n");
                socket.shutdownOutput();
                assertThat(toTheEnd(socket)).contains("+OK 2 ", "text\r\n.\r\n").endsWith("+OK Bye\r\n");
            }
            assertThat(MailClient.fetch(server.pop3Port(), "kim@sample.org", "secret"))
                    .isEmpty();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> ServerProcess.run(folder, "", "sessions")
                            .output()
                            .lines()
                            .noneMatch(line -> line.contains("127.0.0.1")));
        }
    }

    private ServerProcess startWith(String transport) throws IOException {
        try {
            return ServerProcess.start(folder, ServerProcess.CONFIG + "net.transport = " + transport + "\n");
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("is not available here");
            return null;
        }
    }

    @Test
    @DisplayName("half-close in TLS 1.3 by close_notify: every command is answered before the connection ends")
    void answersFirstInTls() throws Exception {
        try (ServerProcess server = ServerProcess.start(folder, ServerProcess.CONFIG + """
                listeners = [ { kind = pop3s, address = "127.0.0.1", port = 0 } ]
                tls.provider = jdk
                """)) {
            try (SSLSocket socket =
                    (SSLSocket) trusting().getSocketFactory().createSocket("127.0.0.1", server.port("pop3s"))) {
                socket.setSoTimeout(30_000);
                socket.setEnabledProtocols(new String[] {"TLSv1.3"});
                send(socket, "USER kim@sample.org\r\nPASS secret\r\nSTAT\r\nQUIT\r\n");
                socket.shutdownOutput();
                assertThat(toTheEnd(socket)).contains("+OK 0 0").endsWith("+OK Bye\r\n");
            }
        }
    }

    private static SSLContext trusting() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null,
                new TrustManager[] {
                    new X509TrustManager() {
                        @Override
                        public void checkClientTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public void checkServerTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public X509Certificate[] getAcceptedIssuers() {
                            return new X509Certificate[0];
                        }
                    }
                },
                null);
        return context;
    }
}
