package org.mailserv.server.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Observations in files named {@code KIND-YYYY-MM-DD.tsv}, one line each, by UTC days. A separate thread writes them without syncing,
 * because a report may lack the last seconds before a crash. Files above the size limit accept no more.
 */
public final class ObservationFiles implements Observations, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ObservationFiles.class);
    private static final int QUEUE = 10_000;
    private static final String END = "";

    private final Path folder;
    private final InstantSource clock;
    private final long mostOctets;
    private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Thread writer = new Thread(this::run, "observations");

    /** The file of one day. */
    public record Day(Observation.Kind kind, LocalDate date, Path file) {}

    /** @param mostOctets maximum size of a file */
    public ObservationFiles(Path folder, InstantSource clock, long mostOctets) throws IOException {
        this.folder = folder;
        this.clock = clock;
        this.mostOctets = mostOctets;
        Files.createDirectories(folder);
        writer.setDaemon(true);
        writer.start();
    }

    @Override
    public void add(Observation observation) {
        StringBuilder line =
                new StringBuilder(name(observation.kind(), LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)));
        for (String column : observation.columns()) {
            line.append('\t').append(column.replaceAll("[\\x00-\\x1f\\x7f]", "?"));
        }
        // A full queue means a slow disk, and reports are not worth waiting for.
        if (!queue.offer(line.toString())) {
            LOG.debug("event=observation-dropped kind={}", observation.kind());
        }
    }

    private static String name(Observation.Kind kind, LocalDate date) {
        return kind.name().toLowerCase(Locale.ROOT) + "-" + date + ".tsv";
    }

    private void run() {
        List<String> lines = new ArrayList<>();
        boolean more = true;
        while (more) {
            try {
                lines.add(queue.take());
                queue.drainTo(lines);
                more = !lines.remove(END);
                write(lines);
            } catch (InterruptedException e) {
                return;
            } catch (IOException e) {
                LOG.warn("event=observations-lost count={} reason=\"{}\"", lines.size(), Failures.text(e));
            }
            lines.clear();
        }
    }

    private void write(List<String> lines) throws IOException {
        Map<String, StringBuilder> files = new LinkedHashMap<>();
        for (String line : lines) {
            int tab = line.indexOf('\t');
            files.computeIfAbsent(line.substring(0, tab), name -> new StringBuilder())
                    .append(line, tab + 1, line.length())
                    .append('\n');
        }
        for (Map.Entry<String, StringBuilder> each : files.entrySet()) {
            Path file = folder.resolve(each.getKey());
            if (!Files.exists(file) || Files.size(file) < mostOctets) {
                Files.writeString(file, each.getValue(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        }
    }

    /** Returns the files of the days before a date. Blocks. */
    public List<Day> before(LocalDate date) throws IOException {
        List<Day> days = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                for (Observation.Kind kind : Observation.Kind.values()) {
                    String prefix = kind.name().toLowerCase(Locale.ROOT) + "-";
                    if (name.startsWith(prefix) && name.endsWith(".tsv")) {
                        LocalDate day = date(name.substring(prefix.length(), name.length() - ".tsv".length()));
                        if (day.isBefore(date)) {
                            days.add(new Day(kind, day, file));
                        }
                    }
                }
            }
        }
        return days;
    }

    private static LocalDate date(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            return LocalDate.MAX;
        }
    }

    /**
     * Returns the observations of a day by domain, in the order of recording. Blocks.
     *
     * @param parser returns null for columns that are not an observation; such lines are left out
     */
    static <T extends Observation> Map<String, List<T>> read(Day day, Function<List<String>, @Nullable T> parser)
            throws IOException {
        Map<String, List<T>> domains = new LinkedHashMap<>();
        try (Stream<String> lines = Files.lines(day.file(), StandardCharsets.UTF_8)) {
            lines.forEach(line -> {
                T one = parser.apply(List.of(line.split("\t", -1)));
                if (one != null) {
                    domains.computeIfAbsent(one.domain(), key -> new ArrayList<>())
                            .add(one);
                }
            });
        }
        return domains;
    }

    /** Writes the queued observations and stops. Blocks. */
    @Override
    public void close() throws InterruptedException {
        queue.put(END);
        writer.join(5_000);
    }
}
