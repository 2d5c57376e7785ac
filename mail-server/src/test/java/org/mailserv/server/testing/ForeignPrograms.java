package org.mailserv.server.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Probes for programs that a test needs and that the build does not bring. A test is skipped unless the program has shown that it can do what
 * the test needs: that it is installed says too little, since versions and optional parts differ between machines.
 */
public final class ForeignPrograms {
    /** The system's Python where there is one, since packages of the system install modules for it alone. */
    public static final String PYTHON =
            Files.isExecutable(Path.of("/usr/bin/python3")) ? "/usr/bin/python3" : "python3";

    private static final int PATIENCE_SECONDS = 60;

    private ForeignPrograms() {}

    /**
     * Skips the test unless a probe succeeds.
     *
     * @param ability what the test needs, for the report
     * @param expected a regular expression that has to be found in what the probe prints
     * @param probe the command; it has to end with status 0 within a minute
     */
    public static void assumeAble(String ability, String expected, List<String> probe) throws InterruptedException {
        String output = run(probe);
        assumeTrue(
                output != null && Pattern.compile(expected).matcher(output).find(),
                () -> ability + ": not here, " + String.join(" ", probe)
                        + (output == null ? " fails" : " printed " + output));
    }

    /** Skips the test unless the programs of the probe say of themselves what the regular expression looks for. */
    public static void assumeAble(String ability, String expected, String... probe) throws InterruptedException {
        assumeAble(ability, expected, List.of(probe));
    }

    /**
     * Skips the test unless Python runs a script to its end.
     *
     * @param ability what the test needs, for the report
     * @param script shows the ability, or raises an error
     * @param arguments of the script
     */
    public static void assumePython(String ability, String script, String... arguments) throws InterruptedException {
        List<String> probe = new ArrayList<>(List.of(PYTHON, "-c", script));
        probe.addAll(List.of(arguments));
        assumeAble(ability, "", probe);
    }

    /** Skips the test unless Python can read a script and has all modules that it imports. */
    public static void assumePythonRuns(Path script) throws InterruptedException {
        assumePython("the modules of " + script.getFileName(), """
                import ast, importlib, sys
                for node in ast.walk(ast.parse(open(sys.argv[1], encoding="utf-8").read())):
                    for name in ([a.name for a in node.names] if isinstance(node, ast.Import)
                                 else [node.module] if isinstance(node, ast.ImportFrom) else []):
                        importlib.import_module(name)
                """, script.toString());
    }

    /** Returns what a program printed, its errors too, or null if it cannot be run, fails or does not end. */
    private static String run(List<String> command) throws InterruptedException {
        Path output = null;
        Process process = null;
        try {
            output = Files.createTempFile("probe", ".out");
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            boolean succeeded = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
            return succeeded ? Files.readString(output, ISO_8859_1) : null;
        } catch (IOException e) {
            return null;
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
            delete(output);
        }
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // A file in the temporary folder is all that is left.
            file.toFile().deleteOnExit();
        }
    }
}
