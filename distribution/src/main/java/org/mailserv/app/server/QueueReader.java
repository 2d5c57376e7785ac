package org.mailserv.app.server;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.mailserv.relay.queue.Relay;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.file.FileSpool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the queue files after a start and enqueues them. A million messages take a minute, so that mail is received meanwhile. */
final class QueueReader {
    private static final Logger LOG = LoggerFactory.getLogger(QueueReader.class);
    private static final int READ_AHEAD = 1_000;

    private final FileSpool spool;
    private final Relay relay;

    private QueueReader(FileSpool spool, Relay relay) {
        this.spool = spool;
        this.relay = relay;
    }

    /** Starts to read on a thread of its own. */
    static void start(FileSpool spool, Relay relay) {
        Thread reader = new Thread(new QueueReader(spool, relay)::read, "queue-reader");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        AtomicInteger enqueued = new AtomicInteger();
        try {
            spool.readQueue(message -> {
                relay.enqueue(message);
                if (enqueued.incrementAndGet() % READ_AHEAD == 0) {
                    awaitRelay();
                }
            });
        } catch (SpoolException e) {
            LOG.error("event=queue-unreadable reason=\"{}\"", e.getMessage());
        }
    }

    /** Waits until the relay has taken what was enqueued, so that the messages do not pile up before it. */
    private void awaitRelay() {
        try {
            relay.size().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("event=relay-busy reason={}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
