package org.mailserv.app.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.BufferedOutputStream;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines into {@code history.DAY.NUMBER.log}: a new file each day in UTC, and each time that one is full; the oldest go first. Where
 * the disk refuses, lines are lost, and it is tried again after some seconds. Logback's own does the same by calendars and formats whose
 * tables take 0.03 s of the start. Used by one thread.
 */
public final class MessageTraceFiles extends UnsynchronizedAppenderBase<ILoggingEvent> implements Flushable {
    private static final Pattern NAME = Pattern.compile("history\\.(\\d{4}-\\d\\d-\\d\\d)\\.(\\d{5,9})\\.log");
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int BUFFER = 64 * 1024;
    private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);

    private final Path folder;
    private final LogLine layout;
    private final long fileSize;
    private final long totalSize;
    private final int days;

    private @Nullable OutputStream out;
    private long day;
    private long written;
    private int number;
    private long failedAt;
    private boolean failing;

    /**
     * @param fileSize octets of one file, or one line more
     * @param totalSize octets of all that are kept, the one that is written among them or not
     * @param days back from today that are kept
     */
    MessageTraceFiles(Path folder, LogLine layout, long fileSize, long totalSize, int days) {
        this.folder = folder;
        this.layout = layout;
        this.fileSize = fileSize;
        this.totalSize = totalSize;
        this.days = days;
    }

    /** One of the files. */
    private record Part(Path path, LocalDate day, int number, long size) {}

    /** Goes on with the last file of today, or begins one. Blocks. */
    void open() throws IOException {
        day = Math.floorDiv(System.currentTimeMillis(), DAY_MILLIS);
        LocalDate today = LocalDate.ofEpochDay(day);
        List<Part> parts = parts();
        number = 0;
        written = 0;
        for (Part part : parts) {
            if (part.day().equals(today)) {
                number = part.number();
                written = part.size();
            }
        }
        if (written >= fileSize) {
            number++;
            written = 0;
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

    /** Oldest first. */
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
            // Gone meanwhile, or a day that never was: not ours to count.
            addInfo(path + ": " + e);
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
                    // One file that stays must not keep the others from being written.
                    addError(part.path() + " cannot be removed: " + e);
                }
            }
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (failing && System.nanoTime() - failedAt < RETRY_NANOS) {
            return;
        }
        byte[] line = layout.doLayout(event).getBytes(StandardCharsets.UTF_8);
        try {
            long now = Math.floorDiv(event.getTimeStamp(), DAY_MILLIS);
            OutputStream open = out;
            // A clock that was put back does not bring an old day's file again.
            if (open == null || now > day || written > 0 && written + line.length > fileSize) {
                open = next(now);
            }
            open.write(line);
            written += line.length;
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
        addError("the history cannot be written: " + problem);
        failing = true;
        failedAt = System.nanoTime();
        close();
    }

    private OutputStream next(long now) throws IOException {
        OutputStream before = out;
        close();
        boolean sameDay = now <= day;
        if (before == null) {
            // Behind a failure: where it was left, which may be within a line.
            open();
            if (out != null && written > 0) {
                out.write('\n');
            }
        } else {
            day = Math.max(day, now);
            number = sameDay ? number + 1 : 0;
            written = 0;
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

    private void close() {
        try {
            if (out != null) {
                out.close();
            }
        } catch (IOException e) {
            addError("the history cannot be closed: " + e);
        }
        out = null;
    }

    @Override
    public void stop() {
        super.stop();
        close();
    }
}
