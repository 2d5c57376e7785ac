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
import org.mailserv.server.testing.ForeignPrograms;

/** Programs of others that talk to the server. A test that needs one is skipped unless the program has shown that it can do what the test needs. */
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

    /** Runs curl without the user's settings and proxies; skips the test unless it speaks the protocol. */
    static String curl(String protocol, String... arguments) throws Exception {
        ForeignPrograms.assumeAble("curl with " + protocol, "(?m)^Protocols:.* " + protocol + "( |$)", "curl", "-V");
        List<String> all = new ArrayList<>(List.of("-q", "-sS", "--noproxy", "*"));
        all.addAll(List.of(arguments));
        return run("curl", all.toArray(String[]::new));
    }

    /** Runs OpenSSL; skips the test unless it is OpenSSL itself, with TLS 1.3. */
    static String openssl(String... arguments) throws Exception {
        assumeOpenssl();
        return run("openssl", arguments);
    }

    static void assumeOpenssl() throws Exception {
        ForeignPrograms.assumeAble("OpenSSL with TLS 1.3", "^OpenSSL (1\\.1\\.1|[3-9])", "openssl", "version");
    }

    /** Runs a script of {@code src/test/resources/python}; skips the test where a module is missing that it imports. */
    static String python(String script, Object... arguments) throws Exception {
        ForeignPrograms.assumePythonRuns(resource("python/" + script));
        List<String> command =
                new ArrayList<>(List.of(resource("python/" + script).toString()));
        for (Object argument : arguments) {
            command.add(String.valueOf(argument));
        }
        return run(ForeignPrograms.PYTHON, command.toArray(String[]::new));
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
