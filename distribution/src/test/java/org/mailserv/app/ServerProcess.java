package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The jar as it is shipped, as a process of its own: in a folder of a test, on ports that the system chose. */
public final class ServerProcess implements AutoCloseable {
    /** What most tests need: two domains, and ports that the system chooses. */
    public static final String CONFIG = """
            hostname = "mx.test"
            data-dir = "data"
            users-file = "users"
            domains {
              "the-richardsons.org" { mailboxes {
                doug { password = "{PLAIN}secret" }
                rebecca { password = "{PLAIN}secret" }
              } }
              "sample.org" { mailboxes {
                kim { password = "{PLAIN}secret" }
                crowd { password = "{PLAIN}secret" }
              } }
            }
            primary-domain = "sample.org"
            listeners = [
              { kind = smtp, address = "127.0.0.1", port = 0 }
              { kind = pop3, address = "127.0.0.1", port = 0 }
            ]
            pop3.plaintext-networks = ["127.0.0.0/8"]
            """;

    private static final Pattern LISTENING =
            Pattern.compile("event=listening kind=(\\S+) address=\\S*?([0-9a-fA-F.:]*)]?:([0-9]+)(?![0-9.:])");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Map<String, Integer> ports = new ConcurrentHashMap<>();
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final Thread reader;

    private ServerProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "server-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts a server with {@link #CONFIG} in a folder, and waits until it is ready. */
    public static ServerProcess start(Path folder) throws IOException {
        return start(folder, CONFIG);
    }

    /** Starts a server in a folder, and waits until it is ready; later settings of a text win. */
    public static ServerProcess start(Path folder, String config, String... options) throws IOException {
        return awaitReady(launch(folder, config, options));
    }

    /** The same with options of the JVM, and without those that find leaks. */
    public static ServerProcess startTuned(Path folder, String config, String... jvmOptions) throws IOException {
        Files.writeString(folder.resolve("mailserv.conf"), config);
        return awaitReady(new ServerProcess(builder(folder, List.of(jvmOptions)).start()));
    }

    /** What a server runs on, where that is not a healthy machine. */
    public record Machine(List<String> jvmOptions, Map<String, String> environment, int fileHandles) {
        static final Machine HEALTHY = new Machine(List.of("-Xmx256m"), Map.of(), 0);

        Machine with(String... options) {
            return new Machine(List.of(options), environment, fileHandles);
        }

        Machine with(Map<String, String> variables) {
            return new Machine(jvmOptions, variables, fileHandles);
        }

        /** As {@code ulimit -n} says. */
        Machine withFileHandles(int most) {
            return new Machine(jvmOptions, environment, most);
        }
    }

    /** The same on a machine of some kind. */
    public static ServerProcess startOn(Machine machine, Path folder, String config) throws IOException {
        Files.writeString(folder.resolve("mailserv.conf"), config);
        ProcessBuilder builder = builder(folder, machine.jvmOptions());
        builder.environment().putAll(machine.environment());
        if (machine.fileHandles() > 0) {
            List<String> command = new ArrayList<>(
                    List.of("bash", "-c", "ulimit -n \"$0\" && exec \"$@\"", Integer.toString(machine.fileHandles())));
            command.addAll(builder.command());
            builder.command(command);
        }
        return awaitReady(new ServerProcess(builder.start()));
    }

    private static ServerProcess awaitReady(ServerProcess server) throws IOException {
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> server.says("event=ready") || !server.process.isAlive());
        } catch (ConditionTimeoutException e) {
            // Nobody else knows of it.
            server.process.destroyForcibly();
            throw new IOException("the server was not ready in time:\n" + server.output(), e);
        }
        if (!server.process.isAlive()) {
            throw new IOException("the server did not start:\n" + server.output());
        }
        return server;
    }

    /** Starts a server without waiting for it. */
    public static ServerProcess launch(Path folder, String config, String... options) throws IOException {
        Files.writeString(folder.resolve("mailserv.conf"), config);
        return new ServerProcess(builder(folder, options).start());
    }

    /** Runs the jar with arguments to its end, and gives its exit code and output. */
    public static Result run(Path folder, String input, String... arguments) throws Exception {
        Process process = builder(folder, arguments).start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(UTF_8));
        }
        String text = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("did not end: " + text);
        }
        return new Result(process.exitValue(), text);
    }

    /** Runs the jar with further variables in its environment, and keeps its two outputs apart. */
    public static Outputs runApart(Path folder, Map<String, String> environment, String... arguments) throws Exception {
        Path errors = Files.createTempFile("mailserv", ".err");
        try {
            ProcessBuilder builder = builder(folder, arguments);
            builder.environment().putAll(environment);
            Process process = builder.redirectErrorStream(false)
                    .redirectError(errors.toFile())
                    .start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("did not end: " + text);
            }
            return new Outputs(process.exitValue(), text, Files.readString(errors));
        } finally {
            Files.delete(errors);
        }
    }

    /** The end of a command: its code, standard output, and standard error. */
    public record Outputs(int code, String data, String errors) {}

    /** The end of a command: its code, and what it wrote to both of its outputs. */
    public record Result(int code, String output) {}

    private static ProcessBuilder builder(Path folder, String... arguments) {
        return builder(folder, List.of("-Xmx256m", "-Dio.netty.leakDetection.level=paranoid"), arguments);
    }

    private static ProcessBuilder builder(Path folder, List<String> jvmOptions, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-jar", System.getProperty("mailserv.jar")));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MAILSERV_"));
        return builder.redirectErrorStream(true);
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher listening = LISTENING.matcher(line);
                if (listening.find()) {
                    ports.put(listening.group(1).toLowerCase(), Integer.valueOf(listening.group(3)));
                }
                output.add(line);
            }
        } catch (IOException e) {
            output.add("output ended: " + e);
        }
    }

    /** The port of the last listener of a kind. */
    public int port(String kind) {
        Integer port = ports.get(kind);
        if (port == null) {
            throw new IllegalStateException("no listener of kind " + kind + ":\n" + output());
        }
        return port;
    }

    public int smtpPort() {
        return port("smtp");
    }

    public int pop3Port() {
        return port("pop3");
    }

    public boolean says(String text) {
        return output.stream().anyMatch(line -> line.contains(text));
    }

    /** How many lines there are with a text in them. */
    public long count(String text) {
        return output.stream().filter(line -> line.contains(text)).count();
    }

    /** How many lines it has written so far. */
    public int lines() {
        return output.size();
    }

    /** All that it has written so far. */
    public String output() {
        return String.join("\n", output);
    }

    public Process process() {
        return process;
    }

    /** Resident memory now, in MiB. */
    public long residentMebibytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        throw new IOException("no resident memory: " + process);
    }

    /** Time of the processor so far. */
    public Duration processorTime() {
        return process.toHandle().info().totalCpuDuration().orElseThrow();
    }

    /** SIGTERM, without waiting. */
    public void terminate() {
        // Not Process.destroy, which closes the output as well: what it says while it stops is wanted.
        process.toHandle().destroy();
    }

    /** SIGKILL: what a power cut looks like from inside the program. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Waits for the end, and gives the exit code. */
    public int awaitExit() throws Exception {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("the server did not stop:\n" + output());
        }
        reader.join(PATIENCE.toMillis());
        return process.exitValue();
    }

    @Override
    public void close() throws Exception {
        terminate();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        reader.join(PATIENCE.toMillis());
        if (says("LEAK:")) {
            throw new AssertionError("a buffer leaked:\n" + output());
        }
    }
}
