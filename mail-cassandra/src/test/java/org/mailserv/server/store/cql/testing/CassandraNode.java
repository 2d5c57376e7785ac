package org.mailserv.server.store.cql.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** One Apache Cassandra process. It can be killed, paused, resumed and started again over its data. */
public final class CassandraNode implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(4);
    private static final Duration EXIT = Duration.ofSeconds(60);

    private final int number;
    private final Path folder;
    private final String address;
    private final int port;
    private final List<String> command = new ArrayList<>();
    private volatile Process process;

    /**
     * Writes the configuration of a node.
     *
     * @param folder for its data; it may exist from an earlier run
     * @param settings the names in {@code cassandra.yaml} and their values
     */
    CassandraNode(int number, Path folder, Map<String, String> settings, String heap) throws IOException {
        this.number = number;
        this.folder = folder;
        this.address = settings.get("ADDRESS");
        this.port = Integer.parseInt(settings.get("PORT"));
        Path conf = Files.createDirectories(folder.resolve("conf"));
        String yaml = resource("cassandra.yaml").replace("@FOLDER@", folder.toString());
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            yaml = yaml.replace("@" + setting.getKey() + "@", setting.getValue());
        }
        Files.writeString(conf.resolve("cassandra.yaml"), yaml);
        Files.writeString(conf.resolve("cassandra-rackdc.properties"), "dc=dc1\nrack=r" + number + "\n");
        Files.writeString(conf.resolve("logback.xml"), """
            <configuration><appender name="F" class="ch.qos.logback.core.FileAppender"><file>%s</file>
            <encoder><pattern>%%-5level %%date{ISO8601} %%logger{0} %%msg%%n</pattern></encoder></appender>
            <root level="INFO"><appender-ref ref="F"/></root></configuration>
            """.formatted(log()));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        resource("jvm.options").lines().forEach(command::add);
        command.addAll(List.of("-Xms" + heap, "-Xmx" + heap));
        command.add("-Dcassandra.config=file://" + conf.resolve("cassandra.yaml"));
        command.add("-Dcassandra.storagedir=" + folder);
        command.add("-Dlogback.configurationFile=file://" + conf.resolve("logback.xml"));
        command.addAll(List.of("-cp", conf + File.pathSeparator + CassandraJars.FOLDER.resolve("*")));
        command.add("org.apache.cassandra.service.CassandraDaemon");
    }

    /** Starts the process without waiting for it. */
    public void start() throws IOException {
        process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("out.log").toFile()))
                .start();
        process.getOutputStream().close();
    }

    /** Waits until the node accepts clients. */
    public void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + START.toNanos();
        while (!accepts()) {
            if (process.waitFor(200, TimeUnit.MILLISECONDS)) {
                throw new IOException("node " + number + " ended with " + process.exitValue() + ":\n" + tail());
            }
            if (System.nanoTime() > end) {
                throw new IOException("node " + number + " was not ready in time:\n" + tail());
            }
        }
    }

    /** Ends the process at once, as {@code kill -9} does, and waits for its end. */
    public void kill() throws IOException, InterruptedException {
        process.destroyForcibly();
        awaitExit();
    }

    /** Stops all threads of the process, as a machine that hangs: connections stay open and nothing answers. */
    public void pause() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** Lets a paused process go on. */
    public void resume() throws IOException, InterruptedException {
        signal("-CONT");
    }

    /** Returns the address for clients, {@code host:port}. */
    public String contactPoint() {
        return address + ":" + port;
    }

    /** Returns the CPU time that the process has used. */
    public Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    private void awaitExit() throws IOException, InterruptedException {
        if (!process.waitFor(EXIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("node " + number + " does not end");
        }
    }

    private void signal(String signal) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill " + signal + " " + process.pid() + " failed");
        }
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Path log() {
        return folder.resolve("system.log");
    }

    private String tail() throws IOException {
        StringBuilder text = new StringBuilder();
        for (Path file : List.of(log(), folder.resolve("out.log"))) {
            if (Files.exists(file)) {
                List<String> lines = Files.readAllLines(file);
                lines.subList(Math.max(0, lines.size() - 30), lines.size())
                        .forEach(line -> text.append(line).append('\n'));
            }
        }
        return text.toString();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(CassandraNode.class.getResourceAsStream("/cassandra/" + name), name)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }
}
