package org.mailserv.server.pickup;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the messages that programs drop into the pickup folder. A file that has not changed for a moment is claimed by a rename, and
 * deleted after its message is in the spool. A crash between the two sends it again and never loses it. A file that cannot be sent now
 * stays claimed, and the next one of its name waits. A file that can never be sent goes to {@code refused/}, beside the reason. Runs on
 * one thread of its own.
 */
public final class Pickup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pickup.class);

    private final PickupConfig config;
    private final PickupFolder folder;
    private final PickupSender sender;
    // Files whose message was sent, but which could not be deleted yet.
    private final Set<Path> sent = new HashSet<>();
    private final Thread thread;
    private volatile @Nullable WatchService watching;
    private volatile boolean closed;

    /** Creates the folders and starts the thread. Blocks for a moment. */
    public Pickup(PickupServices services, Path path) throws IOException {
        config = services.config();
        folder = new PickupFolder(
                services.disk(), path, config.shared(), new SettledFiles(config.settle(), services.clock()));
        sender = new PickupSender(services);
        thread = new Thread(this::run, "pickup");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try (WatchService watch = folder.watch()) {
            watching = watch;
            while (!closed) {
                boolean unsettled = folder.claimSettled();
                sendClaimed();
                long wait = unsettled
                        ? config.settle().toMillis()
                        : config.scanInterval().toMillis();
                WatchKey key = watch.poll(Math.max(1, wait), TimeUnit.MILLISECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            LOG.debug("event=pickup-ended");
        } catch (IOException | RuntimeException e) {
            LOG.error("event=pickup-failed folder={} reason=\"{}\"", folder, Failures.text(e));
        }
    }

    private void sendClaimed() throws InterruptedException {
        boolean removed = false;
        for (Path file : folder.claimed()) {
            if (closed) {
                break;
            }
            removed |= send(file);
        }
        if (removed) {
            folder.sync();
        }
    }

    /** Sends a claimed file. Returns whether it was removed from the claimed ones. */
    private boolean send(Path file) throws InterruptedException {
        try {
            if (!sent.contains(file)) {
                sender.send(file);
                sent.add(file);
            }
            folder.delete(file);
            sent.remove(file);
            return true;
        } catch (PickupFile.RefusedException e) {
            return folder.refuse(file, Failures.text(e));
        } catch (IOException | ExecutionException | RuntimeException e) {
            // The file is not at fault, so it is tried again.
            LOG.warn("event=pickup-delayed file={} reason=\"{}\"", file.getFileName(), Failures.text(e));
            return false;
        }
    }

    /** Waits for the file that is being sent, so that the next start does not send it again. Blocks for at most 10 seconds. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        WatchService watch = watching;
        try {
            if (watch != null) {
                watch.close();
            }
        } catch (IOException e) {
            LOG.debug("event=close-failed reason=\"{}\"", Failures.text(e));
        }
        thread.join(5_000);
        thread.interrupt();
        thread.join(5_000);
    }
}
