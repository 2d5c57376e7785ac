package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches the free space of the spool's disk, and notices when a failed disk works again. */
final class DiskWatch {
    private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);

    private final FileSpoolConfig config;
    private final Disk disk;
    private final Journal journal;
    private final PendingDeletions pendingDeletions;
    private volatile boolean room = true;

    /** @param pendingDeletions used by the thread that calls {@link #check} only */
    DiskWatch(FileSpoolConfig config, Disk disk, Journal journal, PendingDeletions pendingDeletions) {
        this.config = config;
        this.disk = disk;
        this.journal = journal;
        this.pendingDeletions = pendingDeletions;
    }

    /** Returns whether the disk had more free space than the threshold at the last check. Any thread. */
    boolean hasRoom() {
        return room;
    }

    /** Checks the free space, and retries failed operations. Confined to one thread; blocks. */
    void check() {
        try {
            pendingDeletions.retry();
            boolean enough = disk.freeFraction(config.folder()) >= config.freeSpaceMark();
            if (enough != room) {
                room = enough;
                LOG.warn(
                        "event=disk-space enough={} mark={} folder={}",
                        enough,
                        config.freeSpaceMark(),
                        config.folder());
            }
            if (!journal.isHealthy()) {
                journal.append(new Probe());
            }
        } catch (IOException e) {
            LOG.warn("event=disk-space-unknown folder={} reason=\"{}\"", config.folder(), Failures.text(e));
        }
    }

    /** An empty record. If it can be written, the disk works again. */
    private static final class Probe extends Journal.Entry {
        Probe() {
            super(Journal.KIND_PROBE);
        }

        @Override
        int length() {
            return 0;
        }

        @Override
        void writeTo(ByteBuffer target) {
            // The payload is empty.
        }

        @Override
        void durable(Segment segment) {
            LOG.warn("event=disk-back");
        }

        @Override
        void failed(SpoolException failure) {
            LOG.warn("event=disk-still-failing reason=\"{}\"", Failures.text(failure));
        }
    }
}
