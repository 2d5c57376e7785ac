package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.spool.SealedIds;

/** The messages of one Maildir, oldest first, as found in one pass over its folders. Immutable. */
final class MaildirListing {
    private static final int BUFFER = 64 * 1024;

    private final Stamp stamp;
    private final List<Entry> entries;
    private final long totalOctets;

    private MaildirListing(Stamp stamp, List<Entry> entries) {
        this.stamp = stamp;
        this.entries = entries;
        this.totalOctets = entries.stream().mapToLong(Entry::octets).sum();
    }

    /**
     * One message.
     *
     * @param fileName name in its folder
     * @param inCur true for a file in {@code cur}, false for one in {@code new}
     * @param fileSize octets of the file
     * @param octets octets as sent, with every line end counted as two
     * @param modified time of its last change, in nanoseconds since 1970
     * @param sealed time of its arrival, in microseconds since 1970; -1 if its name does not contain it
     */
    record Entry(String fileName, boolean inCur, long fileSize, long octets, long modified, long sealed) {
        /** Returns the sort key, in nanoseconds since 1970. File times count for the files of other programs only. */
        long order() {
            return sealed == SealedIds.UNKNOWN ? modified : TimeUnit.MICROSECONDS.toNanos(sealed);
        }

        /** Returns whether line ends must be converted to CRLF. */
        boolean isForeign() {
            return octets != fileSize;
        }
    }

    /** The times of the last changes of both folders. The listing is valid while they stay the same. */
    record Stamp(@Nullable FileTime fresh, @Nullable FileTime current, long takenMillis) {
        static Stamp of(Disk disk, Path folder) {
            return new Stamp(changed(disk, folder.resolve("new")), changed(disk, folder.resolve("cur")), now());
        }

        private static long now() {
            return System.currentTimeMillis();
        }

        private static @Nullable FileTime changed(Disk disk, Path folder) {
            try {
                return disk.attributes(folder).lastModifiedTime();
            } catch (IOException e) {
                return null;
            }
        }

        /** Returns false if the folders changed just before: file times are coarse, so a second change might not show. */
        boolean isSettled() {
            return isOld(fresh) && isOld(current);
        }

        private boolean isOld(@Nullable FileTime time) {
            return time == null || takenMillis - time.toMillis() > 20;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Stamp stamp
                    && Objects.equals(stamp.fresh, fresh)
                    && Objects.equals(stamp.current, current);
        }

        @Override
        public int hashCode() {
            return Objects.hash(fresh, current);
        }
    }

    /**
     * Reads a folder. Blocks.
     *
     * @param before an earlier listing, or null; its octet counts are reused for files whose size and time are the same
     * @param parallel runs the work on the files
     */
    static MaildirListing read(
            Disk disk, Path folder, Stamp stamp, @Nullable MaildirListing before, ParallelWork parallel, SealedIds ids)
            throws IOException {
        Map<String, Entry> counted = new HashMap<>();
        if (before != null) {
            before.entries.forEach(entry -> counted.put(MaildirName.unique(entry.fileName()), entry));
        }
        List<Entry> entries = new ArrayList<>();
        for (boolean inCur : new boolean[] {false, true}) {
            Path part = folder.resolve(inCur ? "cur" : "new");
            List<String> names = disk.list(part);
            Entry[] found = new Entry[names.size()];
            parallel.run(found.length, (from, to) -> {
                ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
                for (int i = from; i < to; i++) {
                    String name = names.get(i);
                    found[i] = name.startsWith(".") ? null : entry(disk, part, name, inCur, counted, buffer, ids);
                }
            });
            Arrays.stream(found).filter(Objects::nonNull).forEach(entries::add);
        }
        entries.sort(
                Comparator.comparingLong(Entry::order).thenComparing(entry -> MaildirName.unique(entry.fileName())));
        return new MaildirListing(stamp, entries);
    }

    private static @Nullable Entry entry(
            Disk disk,
            Path part,
            String name,
            boolean inCur,
            Map<String, Entry> counted,
            ByteBuffer buffer,
            SealedIds ids)
            throws IOException {
        Path file = FileNames.resolve(part, name);
        String unique = MaildirName.unique(name);
        Entry known = counted.get(unique);
        try {
            BasicFileAttributes attributes = disk.attributes(file);
            if (!attributes.isRegularFile()) {
                return null;
            }
            long size = attributes.size();
            FileTime time = attributes.lastModifiedTime();
            long modified = time.to(TimeUnit.NANOSECONDS);
            long sealed = known != null ? known.sealed() : ids.microsOf(MaildirName.id(unique));
            long octets;
            if (known != null && known.fileSize() == size && known.modified() == modified) {
                octets = known.octets();
            } else {
                // This server writes CRLF line ends only.
                octets = sealed == SealedIds.UNKNOWN ? size + added(disk, file, size, buffer) : size;
            }
            return new Entry(name, inCur, size, octets, modified, sealed);
        } catch (NoSuchFileException e) {
            // Another program has just moved or deleted it.
            return null;
        }
    }

    /** Returns the octets that conversion adds: a CR for each bare line feed, and the end of the last line. */
    private static long added(Disk disk, Path file, long size, ByteBuffer buffer) throws IOException {
        try (FileChannel channel = disk.openForRead(file)) {
            long count = 0;
            byte previous = 0;
            for (long done = 0; done < size; ) {
                int read = channel.read(buffer.clear());
                if (read < 0) {
                    break;
                }
                done += read;
                buffer.flip();
                while (buffer.hasRemaining()) {
                    byte octet = buffer.get();
                    if (octet == '\n' && previous != '\r') {
                        count++;
                    }
                    previous = octet;
                }
            }
            return count + CrlfMessage.missingEnd(previous, size > 0).length;
        }
    }

    Stamp stamp() {
        return stamp;
    }

    int size() {
        return entries.size();
    }

    long totalOctets() {
        return totalOctets;
    }

    Entry entry(int index) {
        return entries.get(index);
    }

    String uid(int index) {
        return MaildirName.uid(entries.get(index).fileName());
    }
}
