package org.mailserv.server.disk;

import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the system to write everything that a file system holds back: one pass over the disk instead of one wait per file. The result is not
 * trusted, because kernels before 5.8 do not report errors here. Each file is still synced, which is then quick.
 */
final class FileSystemFlush {
    private static final Logger LOG = LoggerFactory.getLogger(FileSystemFlush.class);

    // Other programs may have gigabytes to write: the caller waits no longer than this.
    private static final long PATIENCE_MILLIS = 2_000;
    private static final int READ_ONLY = 0;

    private final Semaphore free = new Semaphore(1);

    /** Flushes the folder's file system. Returns after two seconds at most, and at once if a flush is running or unsupported. */
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
