package org.mailserv.app.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the traffic counts of the last day in a file, so that the charts survive restarts. It has a thread of its own, which writes once a
 * minute. What was counted in the last minute before a crash is lost.
 */
public final class TrafficFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrafficFile.class);

    private final Traffic traffic;
    private final Path file;
    private final ScheduledExecutorService thread;

    /** Reads the counts of earlier runs, and starts to count minutes. Blocks. A file that cannot be read costs the history, not the start. */
    public TrafficFile(Traffic traffic, Path file) {
        this.traffic = traffic;
        this.file = file;
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "traffic");
            made.setDaemon(true);
            return made;
        });
        try {
            traffic.restore(Files.readAllLines(file, StandardCharsets.US_ASCII), minute());
        } catch (NoSuchFileException e) {
            LOG.debug("event=no-traffic-history file={}", file);
        } catch (IOException | RuntimeException e) {
            LOG.warn("event=traffic-history-unreadable file={} reason=\"{}\"", file, Failures.text(e));
        }
        thread.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.MINUTES);
    }

    private static long minute() {
        return Instant.now().getEpochSecond() / 60;
    }

    private synchronized void tick() {
        traffic.tick();
        try {
            Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
            Files.write(temporary, traffic.lines(minute()), StandardCharsets.US_ASCII);
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.debug("event=traffic-history-not-written file={} reason=\"{}\"", file, Failures.text(e));
        }
    }

    /** Writes the counts. Blocks. */
    @Override
    public void close() {
        thread.shutdown();
        tick();
    }
}
