package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.QueuedMessage;

/** The one reading of the queue folder after the start, which other threads may wait for or end. Thread-safe. */
final class QueueLoad {
    private final QueueFolder queue;
    private final QueueReader reader;
    private final ReentrantLock reading = new ReentrantLock();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean complete;
    private volatile boolean stopped;

    /** @param refused the folder for files that are not queue files */
    QueueLoad(Disk disk, QueueFolder queue, Path refused) {
        this.queue = queue;
        this.reader = new QueueReader(disk, queue, refused, () -> stopped);
    }

    /** Passes every message of earlier runs to the consumer. Called once; blocks. */
    void run(Consumer<QueuedMessage> consumer) throws IOException {
        reading.lock();
        try {
            reader.read(consumer);
            complete = !stopped;
        } finally {
            ended.countDown();
            queue.endOfReading();
            reading.unlock();
        }
    }

    /** Ends the reading after the current message. Nothing reads the folder once this returns. Blocks. */
    void stop() {
        stopped = true;
        reading.lock();
        reading.unlock();
    }

    /**
     * Waits until the queue has been read. Blocks.
     *
     * @throws IOException when it was not read completely, and will not be
     */
    void await() throws IOException {
        try {
            while (!ended.await(1, TimeUnit.SECONDS)) {
                if (stopped) {
                    throw new IOException("the spool is closed");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (!complete) {
            throw new IOException("the queue could not be read: see event=queue-unreadable in the log");
        }
    }
}
