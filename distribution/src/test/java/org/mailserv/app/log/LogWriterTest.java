package org.mailserv.app.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.ByteArrayOutputStream;
import java.io.Flushable;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LogWriterTest {
    private static final int ROOM = 8192;

    private final LoggerContext context = context();

    private static LoggerContext context() {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        return context;
    }

    /** What was written, as soon as it may be. */
    private static final class Target extends UnsynchronizedAppenderBase<ILoggingEvent> implements Flushable {
        private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
        private final AtomicInteger flushes = new AtomicInteger();
        private final Semaphore allowed;

        Target(int allowed) {
            this.allowed = new Semaphore(allowed);
            start();
        }

        @Override
        protected void append(ILoggingEvent event) {
            allowed.acquireUninterruptibly();
            lines.add(event.getFormattedMessage());
        }

        @Override
        public void flush() {
            flushes.incrementAndGet();
        }
    }

    private LoggingEvent event(Level level, Object argument) {
        return new LoggingEvent(
                LogWriterTest.class.getName(), context.getLogger("x"), level, "event={}", null, new Object[] {argument
                });
    }

    @Test
    @DisplayName("lines are written in order, many with one flush, and all of them before the end")
    void writesInOrder() {
        Target target = new Target(Integer.MAX_VALUE);
        LogWriter writer = new LogWriter(context, "test", target);
        writer.start();
        writer.doAppend(event(Level.INFO, "first"));
        await().until(() -> target.lines.size() == 1 && target.flushes.get() == 1);
        List<String> expected = new ArrayList<>(List.of("event=first"));
        for (int i = 0; i < 1000; i++) {
            writer.doAppend(event(Level.INFO, i));
            expected.add("event=" + i);
        }
        writer.stop();
        assertThat(target.lines).isEqualTo(expected);
        assertThat(target.flushes.get()).isLessThan(500);
        assertThat(target.isStarted()).isFalse();
    }

    @Test
    @DisplayName("a target that stands still holds nobody up; what does not fit is dropped, warnings last")
    void dropsWhatDoesNotFit() {
        Target target = new Target(0);
        LogWriter writer = new LogWriter(context, "test", target);
        writer.start();
        for (int i = 0; i < 2 * ROOM; i++) {
            writer.doAppend(event(Level.INFO, i));
        }
        writer.doAppend(event(Level.WARN, "loud"));
        writer.doAppend(event(Level.INFO, "quiet"));
        target.allowed.release(Integer.MAX_VALUE / 2);
        await().until(() -> target.lines.contains("event=loud"));
        writer.stop();
        assertThat(target.lines).doesNotContain("event=quiet").hasSizeBetween(ROOM / 2, 2 * ROOM);
        assertThat(target.lines.get(0)).isEqualTo("event=0");
    }

    @Test
    @DisplayName("a target that stands still for ever does not keep the server from its end")
    void stopsAllTheSame() {
        Target target = new Target(0);
        LogWriter writer = new LogWriter(context, "test", target);
        writer.start();
        writer.doAppend(event(Level.INFO, "stuck"));
        writer.stop();
        assertThat(target.isStarted()).as("stopped while it is used").isTrue();
        target.allowed.release(1);
        await().until(() -> !target.isStarted());
        assertThat(target.lines).containsExactly("event=stuck");
    }

    @Test
    @DisplayName("an argument that changes is written as it was")
    void writesWhatWas() {
        Target target = new Target(0);
        LogWriter writer = new LogWriter(context, "test", target);
        writer.start();
        StringBuilder changing = new StringBuilder("before");
        writer.doAppend(event(Level.INFO, changing));
        changing.setLength(0);
        target.allowed.release(1);
        writer.stop();
        assertThat(target.lines).containsExactly("event=before");
    }

    @Test
    @DisplayName("the console writes what came together at once, to the stream that is there then")
    void consoleWritesTogether() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AtomicInteger writes = new AtomicInteger();
        PrintStream stream = new PrintStream(out, true) {
            @Override
            public void write(byte[] octets, int offset, int length) {
                writes.incrementAndGet();
                super.write(octets, offset, length);
            }
        };
        Console console = new Console(() -> stream, Logging.lines(context, LogLine.Form.JOURNAL));
        console.setContext(context);
        console.start();
        console.doAppend(event(Level.INFO, "a"));
        console.doAppend(event(Level.INFO, "b"));
        assertThat(out.size()).isZero();
        console.flush();
        assertThat(out.toString(StandardCharsets.UTF_8).lines().map(line -> line.replaceFirst("^\\S+ ", "")))
                .containsExactly("event=a", "event=b");
        assertThat(writes).hasValue(1);
        console.doAppend(event(Level.INFO, "c"));
        console.stop();
        assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("event=c\n");
    }
}
