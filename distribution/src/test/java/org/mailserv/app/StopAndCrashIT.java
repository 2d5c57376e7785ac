package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is there after every kind of end. */
@Timeout(180)
class StopAndCrashIT {
    @TempDir
    Path folder;

    @Test
    @DisplayName("M14: SIGTERM in the middle of a message lets it finish, takes no other, and leaves nothing half")
    void terminated() throws Exception {
        ServerProcess server = ServerProcess.start(folder);
        try (Client client = new Client(server.smtpPort())) {
            client.begin();
            client.write("Subject: half\r\n\r\nfirst half\r\n");
            server.terminate();
            Awaitility.await().until(() -> refuses(server.smtpPort()));
            client.write("second half\r\n.\r\n");
            assertThat(client.read()).startsWith("250 ");
        }
        server.awaitExit();
        assertThat(server.output()).contains("event=stopped");
        assertThat(subjects()).containsExactly("half");
    }

    @Test
    @DisplayName("M14: an idle session is told 421 at SIGTERM, and the exit comes within the deadline")
    void idle() throws Exception {
        ServerProcess server = ServerProcess.start(folder, ServerProcess.CONFIG + "shutdown-timeout = 5s\n");
        try (Client client = new Client(server.smtpPort())) {
            assertThat(client.read()).startsWith("220 ");
            server.terminate();
            assertThat(client.read()).startsWith("421 ");
        }
        server.awaitExit();
    }

    @Test
    @DisplayName("kill -9 under load: after the restart every acknowledged message is there, once")
    void killed() throws Exception {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        Set<String> sent = ConcurrentHashMap.newKeySet();
        try (ServerProcess server = ServerProcess.start(folder)) {
            Thread[] senders = new Thread[4];
            for (int i = 0; i < senders.length; i++) {
                String name = "t" + i;
                senders[i] = new Thread(() -> sendUntilCut(server.smtpPort(), name, sent, acknowledged));
                senders[i].start();
            }
            Awaitility.await().until(() -> acknowledged.size() > 200);
            server.kill();
            for (Thread sender : senders) {
                sender.join();
            }
        }
        Set<String> found = new HashSet<>();
        for (String subject : subjects()) {
            assertThat(found.add(subject)).as("%s is there once", subject).isTrue();
        }
        assertThat(found).containsAll(acknowledged);
        assertThat(sent).containsAll(found);
    }

    private static void sendUntilCut(int port, String name, Set<String> sent, Set<String> acknowledged) {
        try (Client client = new Client(port)) {
            client.read();
            for (int i = 0; i < 100_000; i++) {
                String subject = name + "-" + i;
                sent.add(subject);
                client.write("RSET\r\n");
                client.read();
                client.transaction();
                client.write("Subject: " + subject + "\r\n\r\nx\r\n.\r\n");
                String reply = client.read();
                if (reply == null || !reply.startsWith("250 ")) {
                    return;
                }
                acknowledged.add(subject);
            }
        } catch (IOException e) {
            // The connection was cut, as the test wants.
            assertThat(acknowledged).isNotNull();
        }
    }

    /** Starts the server once more, and reads the subjects of all of doug's messages. */
    private Set<String> subjects() throws Exception {
        Set<String> subjects = new HashSet<>();
        try (ServerProcess server = ServerProcess.start(folder);
                Client client = new Client(server.pop3Port())) {
            client.read();
            client.ask("USER doug@the-richardsons.org");
            client.ask("PASS secret");
            int count = Integer.parseInt(client.ask("STAT").split(" ")[1]);
            for (int number = 1; number <= count; number++) {
                client.ask("TOP " + number + " 0");
                for (String line = client.read(); !".".equals(line); line = client.read()) {
                    if (line.startsWith("Subject: ")) {
                        assertThat(subjects.add(line.substring(9)))
                                .as(line + " once")
                                .isTrue();
                    }
                }
            }
            client.ask("QUIT");
        }
        return subjects;
    }

    private static boolean refuses(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return !socket.isConnected();
        } catch (IOException e) {
            return true;
        }
    }

    private static final class Client implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;

        Client(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(60_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        }

        void begin() throws IOException {
            read();
            transaction();
        }

        void transaction() throws IOException {
            ask("HELO client.test");
            ask("MAIL FROM:<kim@sample.org>");
            ask("RCPT TO:<doug@the-richardsons.org>");
            ask("DATA");
        }

        String ask(String line) throws IOException {
            write(line + "\r\n");
            return read();
        }

        void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(UTF_8));
        }

        String read() throws IOException {
            return in.readLine();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
