package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.probe.Doctor;
import org.mailserv.app.probe.DoctorClient;

/** {@code mailserv doctor} against the server as it is shipped, and against one that is open to all. */
@Timeout(120)
class DoctorIT {
    private static final String CONFIG = ServerProcess.CONFIG + """
        relay-networks = ["127.0.0.1", "10.0.0.0/8"]
        pop3.plaintext-networks = []
        listeners = [
          { kind = smtp, address = "127.0.0.1", port = 0 }
          { kind = smtp, address = "127.0.0.1", port = 0, proxy-from = ["127.0.0.1"] }
          { kind = submission, address = "127.0.0.1", port = 0 }
          { kind = submissions, address = "127.0.0.1", port = 0 }
          { kind = pop3, address = "127.0.0.1", port = 0 }
          { kind = pop3s, address = "127.0.0.1", port = 0 }
        ]
        """;

    @TempDir
    Path folder;

    @Test
    @DisplayName("doctor tries every door, finds nothing wrong, and leaves no message behind")
    void healthy() throws Exception {
        try (ServerProcess server = ServerProcess.start(folder, CONFIG)) {
            ServerProcess.Result result = ServerProcess.run(folder, "", "doctor");
            assertThat(result.output())
                    .contains("taking mail: MAIL FROM:<> -> 250")
                    .contains("relaying: MAIL FROM:<")
                    .contains("smuggling: LF . LF -> ")
                    .contains("login without TLS: AUTH PLAIN -> 5")
                    .contains("login without TLS: USER -> -ERR")
                    .contains("commands behind STARTTLS: ")
                    .contains("sending without login: MAIL -> 530 5.7.0")
                    .contains("certificate: valid from ")
                    .contains("Nothing wrong found")
                    .doesNotContain("FAIL")
                    .doesNotContain("could not be tried");
            assertThat(result.code()).as(result.output()).isZero();
            assertThat(server.says("event=message-accepted")).isFalse();
        }
    }

    @Test
    @DisplayName("doctor tells of a server that takes no mail because of its disk")
    void takesNoMail() throws Exception {
        try (ServerProcess server = ServerProcess.start(folder, CONFIG + "spool.free-space-mark = 1.0\n")) {
            ServerProcess.Result result = ServerProcess.run(folder, "", "doctor");
            assertThat(result.output()).containsPattern("FAIL .* taking mail: MAIL FROM:<> -> 452 4[.]3[.]1");
            assertThat(result.code()).as(result.output()).isNotZero();
            assertThat(server.process().isAlive()).isTrue();
        }
    }

    @Test
    @DisplayName("doctor tells of a door that relays and takes passwords in the open")
    void open() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            threads.execute(() -> serve(door, threads));
            java.util.List<String> told = new java.util.ArrayList<>();
            Doctor doctor = new Doctor(
                    "mx.test", "sample.org", java.time.InstantSource.system(), finding -> told.add(finding.text()));
            var address = new java.net.InetSocketAddress(door.getInetAddress(), door.getLocalPort());
            doctor.examine(
                    new DoctorClient.Endpoint(MailservConfig.Kind.SMTP, address, door.getInetAddress(), false),
                    org.mailserv.server.tls.TlsMode.NONE,
                    false);
            assertThat(told)
                    .anyMatch(line -> line.startsWith("FAIL") && line.contains("AUTH is offered"))
                    .anyMatch(line -> line.startsWith("FAIL") && line.contains("relaying: "))
                    .anyMatch(line -> line.startsWith("FAIL") && line.contains("smuggling: LF . LF"));
            assertThat(doctor.failures()).isGreaterThan(10);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void serve(ServerSocket door, ExecutorService threads) {
        try {
            while (!door.isClosed()) {
                Socket client = door.accept();
                threads.execute(() -> serve(client));
            }
        } catch (java.io.IOException e) {
            assertThat(door.isClosed()).isTrue();
        }
    }

    /** Says yes to everything; a line with a dot ends a message, however it ends itself. */
    private static void serve(Socket client) {
        try (client) {
            BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream()));
            client.getOutputStream().write("220 open\r\n".getBytes());
            boolean data = false;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (data && !line.equals(".")) {
                    continue;
                }
                data = line.equals("DATA");
                String reply = data ? "354 go" : line.startsWith("EHLO") ? "250-open\r\n250 AUTH PLAIN" : "250 ok";
                client.getOutputStream().write((reply + "\r\n").getBytes());
            }
        } catch (java.io.IOException e) {
            assertThat(e).isNotNull();
        }
    }
}
