package org.mailserv.app.log;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes lines into {@code history.DAY.NUMBER.log}: a new file each day in UTC, and whenever one is full. The oldest files are deleted first.
 * If the disk refuses, lines are lost, and writing is tried again after ten seconds. Logback's rolling appender does the same, but loads
 * calendars and formats that take 0.03 s of the start. Used by one thread.
 */
final class MessageTraceFiles implements BatchWriter.Target<TraceLine> {
    private static final Logger LOG = LoggerFactory.getLogger(MessageTraceFiles.class);
    private static final Pattern NAME = Pattern.compile("history\\.(\\d{4}-\\d\\d-\\d\\d)\\.(\\d{5,9})\\.log");
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int BUFFER = 64 * 1024;
    private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);

    private final Path folder;
    private final LineTime time = new LineTime(ZoneOffset.UTC);
    private final long fileSize;
    private final long totalSize;
    private final int days;

    private @Nullable OutputStream out;
    private long day;
    private long size;
    private int number;
    private long failedAt;
    private boolean failing;

    /**
     * @param fileSize the size of one file in octets; its last line may exceed it
     * @param totalSize the size in octets above which the oldest files are deleted
     * @param days the number of days before today whose files are kept
     */
    MessageTraceFiles(Path folder, long fileSize, long totalSize, int days) {
        this.folder = folder;
        this.fileSize = fileSize;
        this.totalSize = totalSize;
        this.days = days;
    }

    /** A file of the trace. */
    private record Part(Path path, LocalDate day, int number, long size) {}

    /** Continues the last file of today, or begins one. Blocks. */
    void open() throws IOException {
        day = Math.floorDiv(System.currentTimeMillis(), DAY_MILLIS);
        LocalDate today = LocalDate.ofEpochDay(day);
        List<Part> parts = parts();
        number = 0;
        size = 0;
        for (Part part : parts) {
            if (part.day().equals(today)) {
                number = part.number();
                size = part.size();
            }
        }
        if (size >= fileSize) {
            number++;
            size = 0;
        }
        out = newFile(today);
        sweep(parts, today);
    }

    private OutputStream newFile(LocalDate today) throws IOException {
        Path path = folder.resolve("history." + today + "." + numbered() + ".log");
        return new BufferedOutputStream(
                Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND), BUFFER);
    }

    private String numbered() {
        String digits = Integer.toString(number);
        return "0".repeat(Math.max(0, 5 - digits.length())) + digits;
    }

    /** Returns the files of the trace, oldest first. */
    private List<Part> parts() throws IOException {
        List<Part> parts = new ArrayList<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
                if (name.matches()) {
                    add(parts, path, name);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        parts.sort((one, other) -> {
            int order = one.day().compareTo(other.day());
            return order != 0 ? order : Integer.compare(one.number(), other.number());
        });
        return parts;
    }

    private void add(List<Part> parts, Path path, Matcher name) {
        try {
            parts.add(
                    new Part(path, LocalDate.parse(name.group(1)), Integer.parseInt(name.group(2)), Files.size(path)));
        } catch (IOException | DateTimeParseException e) {
            // Deleted in the meantime, or named by a day that does not exist: not a file of ours.
            LOG.debug("event=history-file-ignored file={} reason=\"{}\"", path, Failures.text(e));
        }
    }

    private void sweep(List<Part> parts, LocalDate today) {
        long total = 0;
        for (Part part : parts) {
            total += part.size();
        }
        for (Part part : parts) {
            boolean current = part.day().equals(today) && part.number() == number;
            if (!current && (part.day().isBefore(today.minusDays(days)) || total > totalSize)) {
                try {
                    Files.deleteIfExists(part.path());
                    total -= part.size();
                } catch (IOException e) {
                    // A file that cannot be deleted must not stop the trace.
                    LOG.warn("event=history-file-left file={} reason=\"{}\"", part.path(), Failures.text(e));
                }
            }
        }
    }

    @Override
    public void write(TraceLine written) {
        if (failing && System.nanoTime() - failedAt < RETRY_NANOS) {
            return;
        }
        StringBuilder text = new StringBuilder(40 + written.text().length());
        time.append(text, written.millis());
        text.append(' ');
        LogLine.appendPrintable(text, written.text());
        byte[] line = text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
        try {
            long now = Math.floorDiv(written.millis(), DAY_MILLIS);
            OutputStream open = out;
            // A clock that was set back does not reopen the file of an earlier day.
            if (open == null || now > day || size > 0 && size + line.length > fileSize) {
                open = next(now);
            }
            open.write(line);
            size += line.length;
            failing = false;
        } catch (IOException e) {
            failed(e);
        }
    }

    @Override
    public void flush() {
        try {
            if (out != null) {
                out.flush();
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void failed(IOException problem) {
        if (!failing) {
            LOG.warn("event=history-not-written folder={} reason=\"{}\"", folder, Failures.text(problem));
        }
        failing = true;
        failedAt = System.nanoTime();
        close();
    }

    private OutputStream next(long now) throws IOException {
        OutputStream before = out;
        close();
        boolean sameDay = now <= day;
        if (before == null) {
            // After a failure the file may end within a line.
            open();
            if (out != null && size > 0) {
                out.write('\n');
            }
        } else {
            day = Math.max(day, now);
            number = sameDay ? number + 1 : 0;
            size = 0;
            LocalDate today = LocalDate.ofEpochDay(day);
            out = newFile(today);
            sweep(parts(), today);
        }
        OutputStream made = out;
        if (made == null) {
            throw new IOException(folder + ": no file");
        }
        return made;
    }

    @Override
    public void close() {
        try {
            if (out != null) {
                out.close();
            }
        } catch (IOException e) {
            LOG.warn("event=history-not-closed folder={} reason=\"{}\"", folder, Failures.text(e));
        }
        out = null;
    }
}
