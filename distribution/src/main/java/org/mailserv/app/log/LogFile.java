package org.mailserv.app.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.RollingFileAppender;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log file that is opened again after logrotate or a person has renamed, removed or replaced it. It is checked at most once a second
 * while lines are written, and before the first line after a reload. A file that is only truncated (logrotate's {@code copytruncate}) needs
 * nothing, because it is open for appending.
 */
public final class LogFile extends RollingFileAppender<ILoggingEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);
    private static final long LOOK_NANOS = 1_000_000_000L;
    private static final AtomicInteger REOPENED = new AtomicInteger();

    private int seen = REOPENED.get();
    private long looked = System.nanoTime();
    private @Nullable Object key;
    private boolean told;

    /** Makes every log file check its name before its next line. Any thread. */
    public static void reopenAll() {
        REOPENED.incrementAndGet();
    }

    @Override
    public void openFile(String name) throws IOException {
        super.openFile(name);
        key = keyOf(name);
    }

    @Override
    protected void subAppend(ILoggingEvent event) {
        int wanted = REOPENED.get();
        long now = System.nanoTime();
        if (wanted != seen || now - looked > LOOK_NANOS) {
            seen = wanted;
            looked = now;
            look();
        }
        super.subAppend(event);
    }

    private void look() {
        String name = getFile();
        try {
            Object found = keyOf(name);
            if (found == null || !found.equals(key)) {
                File folder = new File(name).getParentFile();
                if (folder != null) {
                    Files.createDirectories(folder.toPath());
                }
                openFile(name);
            }
            told = false;
        } catch (IOException e) {
            // Lines go to the file under its old name until then; the console says so once.
            if (!told) {
                told = true;
                LOG.warn(
                        "event=log-file-not-reopened file={} reason=\"{}\" advice=\"the server's user must be able to"
                                + " write it\"",
                        name,
                        Failures.text(e));
            }
        }
    }

    /** Returns the identity of a file (device and inode), or null if it does not exist. */
    private static @Nullable Object keyOf(String name) {
        try {
            return Files.readAttributes(Path.of(name), BasicFileAttributes.class)
                    .fileKey();
        } catch (IOException e) {
            return null;
        }
    }
}
