package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Programs of others that talk to the server; a test that needs one is skipped where it is not installed. */
final class Tools {
    private Tools() {}

    /** Runs a program; fails when it fails. */
    static String run(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        ServerProcess.Result result = attempt(command);
        if (result.code() != 0) {
            throw new AssertionError(
                    String.join(" ", command) + " ended with " + result.code() + "\n" + result.output());
        }
        return result.output();
    }

    /** Runs a script of {@code src/test/resources/python}. */
    static String python(String script, Object... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(resource("python/" + script).toString()));
        for (Object argument : arguments) {
            command.add(String.valueOf(argument));
        }
        return run("python3", command.toArray(String[]::new));
    }

    static ServerProcess.Result attempt(List<String> command) throws Exception {
        Assumptions.assumeTrue(isInstalled(command.get(0)), command.get(0) + " is not installed");
        Path output = Files.createTempFile("tool", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(command + " did not end\n" + Files.readString(output, UTF_8));
            }
            return new ServerProcess.Result(process.exitValue(), Files.readString(output, UTF_8));
        } finally {
            Files.delete(output);
        }
    }

    private static boolean isInstalled(String program) {
        if (Path.of(program).isAbsolute()) {
            return Files.isExecutable(Path.of(program));
        }
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    /** A file of {@code src/test/resources}. */
    static Path resource(String name) throws IOException, URISyntaxException {
        var url = Tools.class.getClassLoader().getResource(name);
        if (url == null) {
            throw new IOException("no resource " + name);
        }
        return Path.of(url.toURI());
    }
}
