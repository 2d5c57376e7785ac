package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts what some work costs a server: octets allocated, and system calls. */
final class ServerCost {
    /** JVM options under which the heap grows by exactly what is allocated: no collection, small thread buffers, no escape analysis. */
    static final String[] COUNTABLE_HEAP = {
        "-XX:+UseSerialGC",
        "-Xmx900m",
        "-Xms900m",
        "-Xmn700m",
        "-XX:TLABSize=16k",
        "-XX:-ResizeTLAB",
        "-XX:TieredStopAtLevel=1"
    };

    // Without those of the JVM's compiler and locks.
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
    private static final Pattern USED =
            Pattern.compile("(?:def new|tenured) generation\\s+total \\d+K, used (\\d+)K", Pattern.CASE_INSENSITIVE);

    private ServerCost() {}

    /** Work for a server that can fail. */
    interface Work {
        void run() throws Exception;
    }

    /** Returns the octets that a server allocates during some work; it runs with {@link #COUNTABLE_HEAP}. */
    static long allocations(ServerProcess server, Work work) throws Exception {
        jcmd(server, "GC.run");
        long before = heap(server);
        work.run();
        return heap(server) - before;
    }

    /** Returns the number of a server's system calls by name during some work. Skips the test if strace may not attach. */
    static Map<String, Integer> systemCalls(ServerProcess server, Work work) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "no strace");
        Path counts = Files.createTempFile("mailserv", ".strace");
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
            if (columns.length >= 5 && columns[3].matches("[0-9]+") && OURS.contains(columns[columns.length - 1])) {
                calls.put(columns[columns.length - 1], Integer.valueOf(columns[3]));
            }
        }
        Files.delete(counts);
        return calls;
    }

    private static long heap(ServerProcess server) throws Exception {
        String info = jcmd(server, "GC.heap_info");
        Matcher used = USED.matcher(info);
        long octets = 0;
        while (used.find()) {
            octets += Long.parseLong(used.group(1)) * 1024;
        }
        assertThat(octets).as(info).isPositive();
        return octets;
    }

    private static String jcmd(ServerProcess server, String command) throws Exception {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(server.process().pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String text = new String(jcmd.getInputStream().readAllBytes(), UTF_8);
        assertThat(jcmd.waitFor()).as(text).isZero();
        return text;
    }
}
