package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFile;

/** The files of the journal's segments, which are reused: allocated up to a maximum number, then taken from the retired ones. */
final class SegmentFiles {
    private static final int BLOCK = 1 << 20;

    private final FileSpoolConfig config;
    private final Disk disk;
    private final Deque<Path> free = new ArrayDeque<>();
    private int count;
    private long nextNumber;

    /**
     * @param firstNumber number of the first segment, larger than every number in the files
     * @param existing empty files of earlier segments
     */
    SegmentFiles(FileSpoolConfig config, Disk disk, long firstNumber, List<Path> existing) {
        this.config = config;
        this.disk = disk;
        this.nextNumber = firstNumber;
        this.free.addAll(existing);
        this.count = existing.size();
    }

    static Path folder(FileSpoolConfig config) {
        return config.folder().resolve("journal");
    }

    /**
     * Opens the next segment. Called by the journal's writer only; waits up to ten seconds for a retired one. Blocks.
     *
     * @throws IOException also when no segment was retired in time
     */
    Segment open() throws IOException, InterruptedException {
        Path path = takeFree();
        DiskFile file;
        if (path == null) {
            path = folder(config).resolve("segment-" + count);
            file = allocate(path);
            count++;
        } else {
            try {
                file = disk.openForWrite(path);
            } catch (IOException e) {
                recycle(path);
                throw e;
            }
        }
        return new Segment(path, file, nextNumber++, System.nanoTime());
    }

    /** Returns a free file, or null if a new one may be allocated. */
    private synchronized @Nullable Path takeFree() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (free.isEmpty() && count >= config.maxSegments()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new IOException("all " + count + " journal segments are waiting to be retired");
            }
            wait(left);
        }
        return free.poll();
    }

    /** Takes back the file of a retired segment. */
    synchronized void recycle(Path file) {
        free.add(file);
        notifyAll();
    }

    /** Writes zeros to the whole file, so that later syncs write data only and no metadata. */
    private DiskFile allocate(Path path) throws IOException {
        disk.delete(path);
        DiskFile file = disk.create(path);
        try {
            ByteBuffer zeros = ByteBuffer.allocateDirect(BLOCK);
            for (long at = 0; at < config.segmentSize(); at += zeros.capacity()) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), config.segmentSize() - at));
                file.write(zeros, at);
            }
            file.sync();
            disk.syncDirectory(folder(config));
            return file;
        } catch (IOException e) {
            file.close();
            disk.delete(path);
            throw e;
        }
    }
}
