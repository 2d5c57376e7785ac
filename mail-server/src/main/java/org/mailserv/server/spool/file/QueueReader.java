package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the queue files that an earlier run left, while this run writes its own beside them. Unreadable files are set aside, or left for
 * the next start if the disk fails.
 */
final class QueueReader {
    private static final Logger LOG = LoggerFactory.getLogger(QueueReader.class);
    private static final int PROGRESS = 50_000;

    private final Disk disk;
    private final QueueFolder queue;
    private final Path refused;
    private final BooleanSupplier stopped;
    private int count;

    /**
     * @param refused the folder for files that are no queue files
     * @param stopped whether to end early
     */
    QueueReader(Disk disk, QueueFolder queue, Path refused, BooleanSupplier stopped) {
        this.disk = disk;
        this.queue = queue;
        this.refused = refused;
        this.stopped = stopped;
    }

    /** Passes every waiting message on. Blocks. */
    void read(Consumer<QueuedMessage> consumer) throws IOException {
        for (String part : disk.list(queue.folder())) {
            Path folder = FileNames.resolve(queue.folder(), part);
            Set<String> names = names(folder);
            for (String name : names) {
                if (stopped.getAsBoolean()) {
                    return;
                }
                if (queue.isOfThisRun(name)) {
                    continue;
                }
                try {
                    look(folder, name, names, consumer);
                } catch (NoSuchFileException e) {
                    LOG.debug("event=queue-file-gone file={}", name);
                } catch (IOException e) {
                    LOG.error(
                            "event=queue-file-unreadable file={} reason={} advice=\"it is tried again at the next"
                                    + " start\"",
                            FileNames.resolve(folder, name),
                            Failures.text(e));
                }
            }
        }
        if (count > 0) {
            LOG.info("event=queue-read messages={}", count);
        }
    }

    private Set<String> names(Path folder) {
        try {
            return new HashSet<>(disk.list(folder));
        } catch (IOException e) {
            LOG.error("event=queue-folder-unreadable folder={} reason=\"{}\"", folder, Failures.text(e));
            return Set.of();
        }
    }

    private void look(Path folder, String name, Set<String> names, Consumer<QueuedMessage> consumer)
            throws IOException {
        Path file = FileNames.resolve(folder, name);
        if (name.endsWith(".tmp")) {
            disk.delete(file);
        } else if (name.endsWith(QueueFolder.STATE_SUFFIX)) {
            String id = name.substring(0, name.length() - QueueFolder.STATE_SUFFIX.length());
            if (!names.contains(id)) {
                disk.delete(file);
            }
        } else if (read(file, names.contains(name + QueueFolder.STATE_SUFFIX), consumer) && ++count % PROGRESS == 0) {
            LOG.info("event=queue-reading messages={}", count);
        }
    }

    private boolean read(Path file, boolean hasState, Consumer<QueuedMessage> consumer) throws IOException {
        try {
            QueueFolder.Opened opened = QueueFolder.open(disk, file);
            try (FileChannel channel = opened.channel()) {
                Envelope envelope = QueueFile.envelope(opened.head());
                MessageState written = hasState ? queue.readState(envelope.id()) : null;
                MessageState state = written == null ? MessageState.initial(envelope) : written;
                if (state.recipients().size() != envelope.recipients().size()) {
                    throw new IllegalArgumentException(
                            "state of " + state.recipients().size() + " recipients");
                }
                if (state.isSettled()) {
                    queue.delete(envelope.id());
                    return false;
                }
                consumer.accept(new QueuedMessage(
                        envelope, state, channel.size() - opened.head().length()));
                return true;
            }
        } catch (QueueFile.MalformedQueueFileException | IllegalArgumentException e) {
            LOG.error("event=queue-file-set-aside file={} reason=\"{}\"", file, Failures.text(e));
            Path aside = refused.resolve(file.getFileName());
            disk.rename(file, aside);
            byte[] reason = (Failures.text(e) + "\r\n").getBytes(StandardCharsets.UTF_8);
            disk.replace(aside.resolveSibling(aside.getFileName() + ".reason"), reason);
            return false;
        }
    }
}
