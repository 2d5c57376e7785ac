package org.mailserv.server.disk;

import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the system write all that a file system holds back, in one go: one pass over the disk where syncing file by file would be a
 * wait each. What was written is not taken for durable, since a kernel before 5.8 hides here what went wrong: each file is still
 * synced, which then has next to nothing to do.
 */
final class FileSystemFlush {
    private static final Logger LOG = LoggerFactory.getLogger(FileSystemFlush.class);

    // Somebody else's gigabytes may wait to be written, too: longer than this nobody waits for them.
    private static final long PATIENCE_MILLIS = 2_000;
    private static final int READ_ONLY = 0;

    private final Semaphore free = new Semaphore(1);

    /** Returns when it is done, after two seconds, or at once where it cannot be had or still runs. */
    void flush(Path folder) {
        CLibrary.Functions library = CLibrary.functions();
        if (library == null || !free.tryAcquire()) {
            return;
        }
        Thread thread = new Thread(
                () -> {
                    try {
                        flush(library, folder);
                    } finally {
                        free.release();
                    }
                },
                "flush");
        thread.setDaemon(true);
        thread.start();
        try {
            thread.join(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void flush(CLibrary.Functions library, Path folder) {
        long start = System.nanoTime();
        int file = library.open(folder.toString(), READ_ONLY);
        if (file < 0) {
            return;
        }
        int result = library.syncfs(file);
        library.close(file);
        LOG.debug(
                "event=file-system-flushed folder={} result={} millis={}",
                folder,
                result,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }
}
