package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a message costs, in counts that no load of the machine changes: octets allocated, and system calls. The bounds are half as much
 * again as what was measured; see docs/performance.md.
 */
class CostIT {
    private static final int MESSAGES = 500;
    private static final int OCTETS = 10 * 1024;

    // Not those of the JVM's compiler and locks.
    private static final Set<String> OURS = Set.of(
            "epoll_wait",
            "epoll_pwait",
            "epoll_pwait2",
            "epoll_ctl",
            "recvfrom",
            "recvmsg",
            "sendto",
            "sendmsg",
            "accept4",
            "getsockopt",
            "setsockopt",
            "getsockname",
            "shutdown",
            "write",
            "writev",
            "pwrite64",
            "read",
            "pread64",
            "openat",
            "close",
            "rename",
            "link",
            "unlink",
            "fdatasync",
            "fsync",
            "statx",
            "newfstatat",
            "getdents64",
            "sendfile",
            "sendfile64",
            "mkdir");

    @TempDir
    Path folder;

    @Test
    @DisplayName("a message of 10 KiB over a kept connection allocates no more than it used to")
    void allocations() throws Exception {
        // Small buffers of threads, because whole ones count; and the compiler that leaves out no allocation, because
        // the other one does so
        // when it finds the time.
        try (ServerProcess server = ServerProcess.startTuned(
                folder,
                ServerProcess.CONFIG,
                "-XX:+UseSerialGC",
                "-Xmx600m",
                "-Xms600m",
                "-Xmn400m",
                "-XX:TLABSize=16k",
                "-XX:-ResizeTLAB",
                "-XX:TieredStopAtLevel=1")) {
            send(server, MESSAGES);
            long before = heap(server);
            send(server, MESSAGES);
            long perMessage = (heap(server) - before) / MESSAGES;
            System.out.println("octets allocated a message: " + perMessage);
            assertThat(perMessage).isBetween(1_000L, 36_000L);
        }
    }

    @Test
    @DisplayName("a message of 10 KiB over a kept connection takes no more system calls than it used to")
    void systemCalls() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "no strace");
        try (ServerProcess server = ServerProcess.startTuned(folder, ServerProcess.CONFIG, "-Xmx256m")) {
            send(server, MESSAGES);
            Map<String, Integer> calls = traced(server, () -> send(server, MESSAGES));
            calls.keySet().retainAll(OURS);
            double perMessage =
                    calls.values().stream().mapToInt(Integer::intValue).sum() / (double) MESSAGES;
            System.out.println("system calls a message: " + perMessage + " " + calls);
            assertThat(perMessage).isBetween(8.0, 22.0);
            for (String once : List.of("openat", "rename", "fdatasync", "pwrite64")) {
                assertThat(calls.getOrDefault(once, 0))
                        .as(once + " once a message")
                        .isLessThan(3 * MESSAGES / 2);
            }
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private Map<String, Integer> traced(ServerProcess server, Work work) throws Exception {
        Path counts = folder.resolve("strace");
        Process strace = new ProcessBuilder(
                        "strace",
                        "-c",
                        "-f",
                        "-o",
                        counts.toString(),
                        "-p",
                        String.valueOf(server.process().pid()))
                .redirectErrorStream(true)
                .start();
        try (BufferedReader says = new BufferedReader(new InputStreamReader(strace.getInputStream(), UTF_8))) {
            String first = says.readLine();
            assumeTrue(first != null && first.contains("attached"), () -> "strace may not: " + first);
            work.run();
        } finally {
            strace.destroy();
            strace.waitFor(20, TimeUnit.SECONDS);
        }
        Map<String, Integer> calls = new HashMap<>();
        for (String line : Files.readAllLines(counts)) {
            String[] columns = line.strip().split("\\s+");
            if (columns.length >= 5 && columns[3].matches("[0-9]+") && !columns[columns.length - 1].equals("total")) {
                calls.put(columns[columns.length - 1], Integer.valueOf(columns[3]));
            }
        }
        return calls;
    }

    /** Octets in use; nothing is collected meanwhile, so that the difference of two is what was allocated. */
    private static long heap(ServerProcess server) throws Exception {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(server.process().pid()),
                        "GC.heap_info")
                .start();
        String info = new String(jcmd.getInputStream().readAllBytes(), UTF_8);
        Matcher used = Pattern.compile(
                        "(?:def new|tenured) generation\\s+total \\d+K, used (\\d+)K", Pattern.CASE_INSENSITIVE)
                .matcher(info);
        long octets = 0;
        while (used.find()) {
            octets += Long.parseLong(used.group(1)) * 1024;
        }
        assertThat(octets).as(info).isPositive();
        return octets;
    }

    private void send(ServerProcess server, int messages) throws Exception {
        long before = delivered();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.smtpPort());
                BufferedReader replies = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
            expect(replies, "220");
            say(socket, "EHLO client.test\r\n");
            for (String line = replies.readLine(); line.startsWith("250-"); line = replies.readLine()) {
                assertThat(line).startsWith("250");
            }
            String text = "Subject: cost\r\n\r\n"
                    + "0123456789012345678901234567890123456789012345678901234567890123456789\r\n".repeat(OCTETS / 72);
            for (int i = 0; i < messages; i++) {
                say(socket, "MAIL FROM:<a@client.test>\r\nRCPT TO:<kim@sample.org>\r\nDATA\r\n");
                expect(replies, "250");
                expect(replies, "250");
                expect(replies, "354");
                say(socket, text + ".\r\n");
                expect(replies, "250");
            }
            say(socket, "QUIT\r\n");
            expect(replies, "221");
        }
        await().until(() -> delivered() - before == messages);
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
    }

    private static void expect(BufferedReader replies, String code) throws IOException {
        assertThat(replies.readLine()).startsWith(code);
    }

    private long delivered() throws IOException {
        Path box = folder.resolve("data/domains/sample.org/kim/new");
        if (!Files.isDirectory(box)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(box)) {
            return files.count();
        }
    }
}
