package org.mailserv.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
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
import org.slf4j.LoggerFactory;

/**
 * The message trace: every log event of a message, kept for days in separate files, whatever the level of the log. A separate thread writes it;
 * events that exceed its queue are dropped, as in the log.
 */
public final class MessageTrace implements AutoCloseable {
    private static final Pattern ID = Pattern.compile(" id=([0-9a-z]+)");
    private static final int MOST_MESSAGES = 1_000;

    private final LogWriter appender;
    private final LoggerContext context;

    /** Opens the files and starts to write. Blocks. */
    public MessageTrace(Path folder, MessageTraceSettings settings) throws IOException {
        // Addresses are in it.
        new RealDisk().createDirectories(folder);
        context = (LoggerContext) LoggerFactory.getILoggerFactory();
        LogLine line = new LogLine(LogLine.Form.STORY);
        line.setContext(context);
        line.start();
        MessageTraceFiles files = new MessageTraceFiles(
                folder, line, Math.max(10_000, settings.maxSize() / 10), settings.maxSize(), settings.days());
        files.setContext(context);
        files.open();
        files.start();
        appender = new LogWriter(context, "history", files);
        appender.addFilter(new OfMessages());
        appender.start();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }

    /** Lines that name a message. */
    private static final class OfMessages extends Filter<ILoggingEvent> {
        OfMessages() {
            start();
        }

        @Override
        public FilterReply decide(ILoggingEvent event) {
            String pattern = event.getMessage();
            boolean story = pattern != null && pattern.contains(" id={}");
            return story && event.getLevel().isGreaterOrEqual(Level.INFO) ? FilterReply.NEUTRAL : FilterReply.DENY;
        }
    }

    @Override
    public void close() {
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).detachAppender(appender);
        appender.stop();
    }

    /**
     * The lines of messages, by id, oldest message first. Blocks.
     *
     * @param wanted an id, or an address that some line of the message names
     * @param most messages, the latest
     */
    public static Map<String, List<String>> find(Path folder, String wanted, int most) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                all.filter(path -> path.toString().endsWith(".log")).sorted().forEach(files::add);
            }
        }
        boolean address = wanted.indexOf('@') >= 0;
        String text = address ? "<" + wanted.toLowerCase(Locale.ROOT) + ">" : " id=" + wanted + " ";
        String canonical = "<" + MailboxName.of(wanted) + ">";
        Set<String> ids = new LinkedHashSet<>();
        Deque<String> order = new ArrayDeque<>();
        if (address) {
            each(files, line -> {
                String id = idOf(line);
                if (id != null && names(line.toLowerCase(Locale.ROOT), text, canonical) && ids.add(id)) {
                    order.add(id);
                    if (order.size() > Math.min(most, MOST_MESSAGES)) {
                        ids.remove(order.poll());
                    }
                }
            });
        } else {
            ids.add(wanted);
        }
        Map<String, List<String>> stories = new LinkedHashMap<>();
        each(files, line -> {
            String id = idOf(line);
            if (id != null && ids.contains(id)) {
                stories.computeIfAbsent(id, key -> new ArrayList<>()).add(line);
            }
        });
        return stories;
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
                // It has grown too old between the look at the folder and this one.
                continue;
            }
        }
    }

    private static boolean names(String line, String text, String canonical) {
        return line.contains(text) || line.contains(canonical);
    }
}
