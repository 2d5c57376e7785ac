package org.mailserv.acme.challenge;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.AcmeConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes the TXT records of DNS-01 by a command of the operator: {@code COMMAND add|remove NAME VALUE}. */
public final class DnsCommandSolver implements ChallengeSolver {
    private static final Logger LOG = LoggerFactory.getLogger(DnsCommandSolver.class);
    private static final int MAX_OUTPUT = 4096;

    private final List<String> command;
    private final Duration timeout;
    private final Duration wait;

    public DnsCommandSolver(AcmeConfig.DnsUpdates settings) {
        this.command = settings.command();
        this.timeout = settings.commandTimeout();
        this.wait = settings.propagationWait();
    }

    @Override
    public void publish(Proof proof) throws IOException {
        run("add", proof);
    }

    @Override
    public void settle() throws InterruptedException {
        Thread.sleep(wait.toMillis());
    }

    @Override
    public void withdraw(Proof proof) {
        try {
            run("remove", proof);
        } catch (IOException e) {
            LOG.warn("event=acme-record-not-removed name={} reason=\"{}\"", proof.name(), Failures.text(e));
        }
    }

    private void run(String action, Proof proof) throws IOException {
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of(action, DnsUpdateSolver.LABEL + proof.name(), proof.digest()));
        // A file rather than a pipe: the command may leave a process behind that keeps the pipe open.
        Path output = Files.createTempFile("acme-dns", ".out");
        Process process = null;
        try {
            process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("the command " + command.get(0) + " did not finish within " + timeout.toSeconds()
                        + " s (tls.acme.dns.command-timeout)");
            } else if (process.exitValue() != 0) {
                throw new IOException("the command " + command.get(0) + " failed with exit code " + process.exitValue()
                        + last(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the server is stopping", e);
        } finally {
            if (process != null) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            Files.deleteIfExists(output);
        }
    }

    /** Returns the last line of the output, for the message. */
    private static String last(Path output) throws IOException {
        long skipped = Math.max(0, Files.size(output) - MAX_OUTPUT);
        try (InputStream in = Files.newInputStream(output)) {
            in.skipNBytes(skipped);
            String text = new String(in.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8).strip();
            String line = text.substring(text.lastIndexOf('\n') + 1).replaceAll("\\p{Cntrl}", " ");
            return line.isEmpty() ? "" : " (" + line + ")";
        }
    }
}
