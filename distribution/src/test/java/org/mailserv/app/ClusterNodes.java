package org.mailserv.app;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Servers that share a store: processes of the real jar, each with a data folder of its own. */
final class ClusterNodes implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(5);

    private final Path folder;
    private final List<String> engine;
    private final int copies;
    private final String further;
    private final String keyspace = "it_" + UUID.randomUUID().toString().replace("-", "");
    private final Map<String, ServerProcess> running = new HashMap<>();

    /**
     * @param engine addresses of engine nodes
     * @param copies of each row
     * @param further settings of all servers
     */
    ClusterNodes(Path folder, List<String> engine, int copies, String further) {
        this.folder = folder;
        this.engine = engine;
        this.copies = copies;
        this.further = further;
    }

    /** Returns the configuration of a server. */
    String config(String name) {
        return """
                hostname = "%1$s.test"
                data-dir = "data"
                users-file = "users"
                domains { "sample.org" { mailboxes {
                  kim { password = "{PLAIN}secret" }
                  doug { password = "{PLAIN}secret" }
                  crowd { password = "{PLAIN}secret" }
                } } }
                primary-domain = "sample.org"
                listeners = [
                  { kind = smtp, address = "127.0.0.1", port = 0 }
                  { kind = pop3, address = "127.0.0.1", port = 0 }
                ]
                pop3.plaintext-networks = ["127.0.0.0/8"]
                relay-networks = ["127.0.0.0/8"]
                cluster.node-name = %1$s
                store { kind = cassandra, cassandra {
                  contact-points = [%2$s], keyspace = %3$s, replication-factor = %4$d
                } }
                %5$s
                """.formatted(
                name,
                String.join(
                        ", ", engine.stream().map(point -> "\"" + point + "\"").toList()),
                keyspace,
                copies,
                further);
    }

    /** Starts a server, for the first time or again. */
    ServerProcess start(String name) throws IOException {
        Path place = Files.createDirectories(folder.resolve(name));
        ServerProcess process = ServerProcess.launch(place, config(name));
        running.put(name, process);
        // The first one creates the tables, which takes an engine on a busy machine a minute.
        await().atMost(START)
                .until(() -> process.says("event=ready") || !process.process().isAlive());
        if (!process.process().isAlive()) {
            throw new IOException("the server did not start:\n" + process.output());
        }
        return process;
    }

    ServerProcess node(String name) {
        return running.get(name);
    }

    Path place(String name) {
        return folder.resolve(name);
    }

    /** Sends a signal to a server: STOP, CONT, KILL. */
    void signal(String name, String signal) throws Exception {
        Process kill = new ProcessBuilder(
                        "kill",
                        "-" + signal,
                        Long.toString(running.get(name).process().pid()))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + signal + " failed");
        }
    }

    /** Kills a server as a power failure would. */
    void kill(String name) throws Exception {
        ServerProcess process = running.remove(name);
        process.kill();
        keepOutput(name, process);
    }

    /** Keeps what a server has said, in the folder that the property cluster.logs names. */
    private static void keepOutput(String name, ServerProcess process) throws IOException {
        String logs = System.getProperty("cluster.logs");
        if (logs != null) {
            Files.writeString(Path.of(logs, name + "-" + process.process().pid() + ".log"), process.output());
        }
    }

    /** Forgets a server that has ended. */
    void forget(String name) {
        running.remove(name);
    }

    /** What a slow machine needs beside the times of the design. */
    static Duration atMost(int seconds) {
        return Duration.ofSeconds((long) seconds * Integer.getInteger("cluster.slack", 1));
    }

    @Override
    public void close() throws Exception {
        for (Map.Entry<String, ServerProcess> each : running.entrySet()) {
            each.getValue().close();
            keepOutput(each.getKey(), each.getValue());
        }
    }
}
