package org.mailserv.server.spool.file;

import java.nio.file.Path;
import org.mailserv.server.disk.DiskFile;
import org.mailserv.server.spool.QueueId;

/** The file of a segment, for those who read messages from it. It is not reused while a reader holds it. Guarded by itself. */
abstract class SegmentFile {
    final Path path;
    final DiskFile file;
    final long number;
    final long openedNanos;
    int position;
    private int readers;

    SegmentFile(Path path, DiskFile file, long number, long openedNanos) {
        this.path = path;
        this.file = file;
        this.number = number;
        this.openedNanos = openedNanos;
    }

    synchronized void hold() {
        readers++;
    }

    synchronized void release() {
        readers--;
        notifyAll();
    }

    synchronized boolean hasReaders() {
        return readers > 0;
    }

    /** Forgets a message that is settled and need not be stored elsewhere. */
    abstract void removeMessage(QueueId id);
}
