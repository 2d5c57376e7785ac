package org.mailserv.app.log;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.MessageTraceSettings;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.RealDisk;

/**
 * The message trace: every event that names a message, kept for days in separate files, independently of the log and its level. A separate
 * thread writes it; lines that exceed its queue are dropped. Thread-safe.
 */
public final class MessageTrace implements AutoCloseable {
    private static final Pattern ID = Pattern.compile(" id=([0-9a-z]+)");
    private static final Pattern QUEUE_ID = Pattern.compile("[0-9a-z]{16}");
    private static final int MAX_MESSAGES = 1_000;
    private static final long MIN_FILE_SIZE = 10_000;

    private final BatchWriter<TraceLine> writer;
    private final boolean subjects;

    /** Opens the files and starts the thread. Blocks. */
    public MessageTrace(Path folder, MessageTraceSettings settings) throws IOException {
        // The lines contain addresses, so only the server's user may read them.
        new RealDisk().createDirectories(folder);
        long fileSize = Math.max(MIN_FILE_SIZE, settings.maxSize() / 10);
        MessageTraceFiles files = new MessageTraceFiles(folder, fileSize, settings.maxSize(), settings.days());
        files.open();
        subjects = settings.subjects();
        writer = new BatchWriter<>("log-history", files);
        writer.start();
    }

    /**
     * Adds a line. Never blocks.
     *
     * @param important whether the line is kept when the queue is nearly full
     */
    void write(long millis, String text, boolean important) {
        if (writer.hasRoom(important)) {
            writer.offer(new TraceLine(millis, text));
        }
    }

    /** Returns a subject as the end of a line, which no quote of its own can end; empty if there is none or it is not kept. */
    String subject(@Nullable String subject) {
        return subjects && subject != null && !subject.isEmpty()
                ? TraceScope.SUBJECT + subject.replace('"', '\'') + "\""
                : "";
    }

    /** Writes the lines in the queue, for at most a second, and closes the files. Blocks. */
    @Override
    public void close() {
        writer.stop();
    }

    /**
     * Returns the lines of messages by queue id, the oldest message first. Blocks.
     *
     * @param wanted a queue id, an address that a line of the message names, or any other part of a line, such as the beginning of a time
     * @param most the number of messages at most; the latest are returned
     */
    public static Map<String, List<String>> find(Path folder, String wanted, int most) throws IOException {
        return find(folder, wanted, most, TraceScope.ALL);
    }

    /**
     * Returns the lines of messages as the other method does, as far as they lie in a scope. What lies outside cannot be searched for
     * either.
     */
    public static Map<String, List<String>> find(Path folder, String wanted, int most, TraceScope scope)
            throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                all.filter(path -> path.toString().endsWith(".log")).sorted().forEach(files::add);
            }
        }
        Set<String> ids = QUEUE_ID.matcher(wanted).matches()
                ? new LinkedHashSet<>(List.of(wanted))
                : search(files, wanted, Math.min(most, MAX_MESSAGES), scope);
        Map<String, List<String>> stories = new LinkedHashMap<>();
        each(files, line -> {
            String id = idOf(line);
            if (id != null && ids.contains(id)) {
                stories.computeIfAbsent(id, key -> new ArrayList<>()).add(line);
            }
        });
        stories.replaceAll((id, lines) -> scope.visible(lines));
        stories.values().removeIf(List::isEmpty);
        return stories;
    }

    /** Returns the ids of the latest messages that have a line with a text. */
    private static Set<String> search(List<Path> files, String wanted, int most, TraceScope scope) throws IOException {
        boolean address = wanted.indexOf('@') >= 0 && wanted.indexOf(' ') < 0;
        String text = wanted.toLowerCase(Locale.ROOT);
        String first = address ? "<" + text + ">" : text;
        String canonical = address ? "<" + MailboxName.of(wanted) + ">" : text;
        Set<String> ids = new LinkedHashSet<>();
        Deque<String> order = new ArrayDeque<>();
        each(files, line -> {
            String id = idOf(line);
            if (id != null
                    && names(line.toLowerCase(Locale.ROOT), first, canonical)
                    && scope.shows(line, seen -> names(seen.toLowerCase(Locale.ROOT), first, canonical))
                    && ids.add(id)) {
                order.add(id);
                if (order.size() > most) {
                    ids.remove(order.poll());
                }
            }
        });
        return ids;
    }

    private static @Nullable String idOf(String line) {
        Matcher matcher = ID.matcher(line);
        return matcher.find() ? matcher.group(1) : null;
    }

    private static void each(List<Path> files, Consumer<String> action) throws IOException {
        for (Path file : files) {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                    Files.newInputStream(file),
                    StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    action.accept(line);
                }
            } catch (NoSuchFileException e) {
                // Deleted as too old after the folder was listed.
                continue;
            }
        }
    }

    private static boolean names(String line, String text, String canonical) {
        return line.contains(text) || line.contains(canonical);
    }
}
