package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of a stack, run with the stack's own configuration file in which paths, users and ports are replaced by those of the test. */
final class StackProgram implements AutoCloseable {
    private static final Path STACKS = Path.of("../packaging/stacks");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Process process;
    private final Path log;

    private StackProgram(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Copies a file of the stacks.
     *
     * @param name the path below {@code packaging/stacks}
     * @param replacements regular expressions and their replacements, in order
     * @return the copy
     */
    static Path configuration(String name, Path folder, List<Map.Entry<String, String>> replacements)
            throws IOException {
        String text = Files.readString(STACKS.resolve(name));
        for (Map.Entry<String, String> replacement : replacements) {
            String replaced = text.replaceAll(replacement.getKey(), replacement.getValue());
            if (replaced.equals(text)) {
                throw new AssertionError(name + " does not contain " + replacement.getKey());
            }
            text = replaced;
        }
        return Files.writeString(folder.resolve(Path.of(name).getFileName()), text);
    }

    /** Starts a program, and waits until it listens on a port of loopback. */
    static StackProgram start(Path folder, int port, List<String> command) throws IOException {
        Path log = Files.createTempFile(folder, "program", ".log");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        StackProgram program = new StackProgram(process, log);
        await().atMost(PATIENCE).until(() -> !process.isAlive() || accepts(port));
        if (!process.isAlive()) {
            throw new AssertionError(command + " ended: " + program.output());
        }
        return program;
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns a port of loopback that nobody uses now. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    String output() throws IOException {
        return Files.readString(log, UTF_8);
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
