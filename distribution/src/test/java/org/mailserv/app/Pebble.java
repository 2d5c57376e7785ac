package org.mailserv.app;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mailserv.server.testing.ForeignPrograms;
import org.mailserv.server.testing.TestCertificate;

/** The CA for tests of Let's Encrypt, as Debian packages it, with a DNS server for its lookups. */
final class Pebble implements AutoCloseable {
    final int port = freePort();
    final int httpPort = freePort();
    final int tlsPort = freePort();
    final int dnsPort;
    final int dnsManagement = freePort();

    private final Path folder;
    private final Map<String, String> faults;
    private final boolean withDns;
    private final List<Process> processes = new ArrayList<>();
    private Process ca;

    private Pebble(Path folder, Map<String, String> faults, int dnsPort) throws IOException {
        this.folder = folder;
        this.faults = faults;
        this.withDns = dnsPort == 0;
        this.dnsPort = withDns ? freePort() : dnsPort;
    }

    /**
     * Starts the CA, which only looks names up that are in its DNS.
     *
     * @param faults its environment, which says how it fails
     * @param dnsPort port of a DNS server to ask, or 0 for one in which each name leads to 127.0.0.1
     */
    static Pebble start(Path folder, Map<String, String> faults, int dnsPort) throws Exception {
        // Without options both print their usage and the name of an option that they do not know.
        ForeignPrograms.assumeAble("pebble", "dnsserver", "sh", "-c", "pebble -h 2>&1; true");
        ForeignPrograms.assumeAble(
                "pebble-challtestsrv", "management", "sh", "-c", "pebble-challtestsrv -h 2>&1; true");
        Pebble pebble = new Pebble(folder, faults, dnsPort);
        pebble.write();
        if (pebble.withDns) {
            pebble.run(
                    "dns",
                    pebble.dnsManagement,
                    "pebble-challtestsrv -dns01 127.0.0.1:" + pebble.dnsPort
                            + " -http01 '' -https01 '' -tlsalpn01 '' -defaultIPv6 '' -management 127.0.0.1:"
                            + pebble.dnsManagement);
        }
        pebble.startCa();
        return pebble;
    }

    private void write() throws IOException {
        TestCertificate root =
                TestCertificate.of("P-256").subject("test-root").authority().make();
        TestCertificate own = TestCertificate.of("P-256")
                .subject("localhost")
                .names("localhost")
                .issuedBy(root)
                .make();
        Files.writeString(folder.resolve("root.pem"), root.certificatePem());
        Files.writeString(folder.resolve("ca.pem"), own.certificatePem());
        Files.writeString(folder.resolve("ca.key"), own.keyPem());
        Files.writeString(folder.resolve("pebble.json"), """
                {"pebble": {"listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d",
                 "certificate": "ca.pem", "privateKey": "ca.key", "httpPort": %d, "tlsPort": %d,
                 "domainBlocklist": ["autoconfig.sample.org"]}}
                """.formatted(port, freePort(), httpPort, tlsPort));
    }

    /** Starts the CA again, which has forgotten all accounts. */
    void startCa() throws IOException {
        ca = run("ca", port, "pebble -strict -config pebble.json -dnsserver 127.0.0.1:" + dnsPort);
    }

    void stopCa() throws InterruptedException {
        ca.destroyForcibly().waitFor();
    }

    private Process run(String name, int port, String command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "exec " + command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().put("PEBBLE_VA_NOSLEEP", "1");
        builder.environment().putAll(faults);
        Process process = builder.start();
        processes.add(process);
        await().atMost(Duration.ofSeconds(30)).until(() -> isOpen(port));
        return process;
    }

    static boolean isOpen(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns settings for a server that uses this CA. */
    String settings(String challenge) {
        return """
                dns { servers = ["127.0.0.1:%d"], hosts-file = false }
                listeners += { kind = submissions, address = "127.0.0.1", port = 0 }
                tls.acme {
                  enabled = true, email = "ann@sample.org", challenge = %s, retry = [2s, 3s]
                  directory = "https://localhost:%d/dir", directory-ca = "%s"
                  http { address = "127.0.0.1", port = %d }
                  tls-alpn { address = "127.0.0.1", port = %d }
                }
                """.formatted(dnsPort, challenge, port, folder.resolve("root.pem"), httpPort, tlsPort);
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }
}
