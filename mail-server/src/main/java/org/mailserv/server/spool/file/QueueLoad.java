package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The single reading of the queue folder after a start. Others may wait for it or end it. Thread-safe. */
final class QueueLoad {
    private static final Logger LOG = LoggerFactory.getLogger(QueueLoad.class);
    private static final int READ_AHEAD = 1_000;

    private final QueueFolder queue;
    private final QueueReader reader;
    private final ReentrantLock reading = new ReentrantLock();
    private final CompletableFuture<Void> read = new CompletableFuture<>();
    private volatile boolean stopped;
    private int arrived;

    /** @param refused the folder for files that are not queue files */
    QueueLoad(Disk disk, QueueFolder queue, Path refused) {
        this.queue = queue;
        this.reader = new QueueReader(disk, queue, refused, () -> stopped);
    }

    /**
     * Reads the queue on a thread of its own, so that mail is received meanwhile.
     *
     * @param consumer receives every message of earlier runs
     * @param listener asked after each {@value #READ_AHEAD} messages, so that they do not pile up
     */
    void start(Consumer<QueuedMessage> consumer, QueueListener listener) {
        Thread thread = new Thread(() -> runSlowly(consumer, listener), "queue-reader");
        thread.setDaemon(true);
        thread.start();
    }

    private void runSlowly(Consumer<QueuedMessage> consumer, QueueListener listener) {
        try {
            run(message -> {
                consumer.accept(message);
                if (++arrived % READ_AHEAD == 0) {
                    await(listener.taken());
                }
            });
        } catch (IOException | RuntimeException e) {
            LOG.error("event=queue-unreadable folder={} reason=\"{}\"", queue.folder(), Failures.text(e));
        }
    }

    private static void await(CompletionStage<?> taken) {
        try {
            taken.toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("event=relay-busy reason=\"{}\"", Failures.text(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Passes every message of earlier runs to the consumer. Called once; blocks. */
    void run(Consumer<QueuedMessage> consumer) throws IOException {
        reading.lock();
        try {
            reader.read(consumer);
            if (!stopped) {
                read.complete(null);
            }
        } finally {
            read.completeExceptionally(new SpoolException(
                    SpoolException.Reason.IO_ERROR,
                    "the queue could not be read: see event=queue-unreadable in the log"));
            queue.endOfReading();
            reading.unlock();
        }
    }

    /** Ends the reading after the current message. Nothing reads the folder after this returns. Blocks. */
    void stop() {
        stopped = true;
        reading.lock();
        reading.unlock();
        read.completeExceptionally(new SpoolException(SpoolException.Reason.CLOSED, "the spool is closed"));
    }

    /** Returns a stage that completes when the queue has been read, and fails if it could not be read completely. */
    CompletionStage<Void> read() {
        return read;
    }

    /** Waits until the queue has been read. Blocks. */
    void await() throws IOException {
        try {
            read.get();
        } catch (ExecutionException e) {
            throw new IOException(Failures.text(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
