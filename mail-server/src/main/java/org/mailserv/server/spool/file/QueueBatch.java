package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFile;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.StoredMessage;

/**
 * Writes queue files and states of many messages and makes them durable together, with one pass over the disk and one sync per folder. No
 * file has its final name before {@link #finish}. Confined to one thread; all methods block.
 */
final class QueueBatch {
    private final Disk disk;
    private final QueueFolder queue;
    private final Map<Path, Path> written = new LinkedHashMap<>();
    private final Set<QueueId> changed = new LinkedHashSet<>();

    QueueBatch(Disk disk, QueueFolder queue) {
        this.disk = disk;
        this.queue = queue;
    }

    /** Copies a queue file. */
    void message(QueueId id, FileChannel source, long offset, long length) throws IOException {
        try (DiskFile file = create(id, queue.fileOf(id))) {
            for (long done = 0; done < length; ) {
                long step = source.transferTo(offset + done, length - done, file.appender());
                if (step <= 0) {
                    throw new IOException("message " + id + " ends at " + done + " of " + length);
                }
                done += step;
            }
        }
    }

    /** Writes a message with another head. */
    void message(StoredMessage message, byte[] head) throws IOException {
        QueueId id = message.envelope().id();
        try (DiskFile file = create(id, queue.fileOf(id))) {
            message.content().writeTo(ByteBuffer.wrap(head), file.appender());
        }
    }

    void state(QueueId id, MessageState state) throws IOException {
        try (DiskFile file = create(id, queue.stateOf(id))) {
            file.append(ByteBuffer.wrap(StateFile.write(state)));
        }
    }

    private DiskFile create(QueueId id, Path target) throws IOException {
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        queue.note(id);
        queue.makeFolder(target);
        DiskFile file;
        try {
            file = disk.create(temporary);
        } catch (FileAlreadyExistsException e) {
            // Left by an interrupted run, or by this one.
            disk.delete(temporary);
            file = disk.create(temporary);
        }
        written.put(temporary, target);
        changed.add(id);
        return file;
    }

    /**
     * Returns when everything is durable under its final name.
     *
     * @param others messages whose names have changed, to be made durable too
     */
    void finish(Collection<QueueId> others) throws IOException {
        disk.flush(queue.folder(), written.size());
        for (Map.Entry<Path, Path> each : written.entrySet()) {
            disk.syncFile(each.getKey());
            disk.rename(each.getKey(), each.getValue());
        }
        changed.addAll(others);
        queue.syncFolders(changed);
        written.clear();
        changed.clear();
    }
}
