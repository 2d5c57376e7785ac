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

/** The messages of one Maildir, oldest first, as one pass over the folder found them. Immutable. */
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
     * @param fileName in its folder
     * @param inCur whether it is in {@code cur}, else in {@code new}
     * @param fileSize octets of the file
     * @param octets octets with every line end counted as two
     * @param modified when it was written, in nanoseconds
     * @param sealed its place in the order of arrival, in microseconds; -1 where its name holds none
     */
    record Entry(String fileName, boolean inCur, long fileSize, long octets, long modified, long sealed) {
        /** The place among all, in nanoseconds: file times serve for the files of other programs alone. */
        long order() {
            return sealed == SealedIds.UNKNOWN ? modified : TimeUnit.MICROSECONDS.toNanos(sealed);
        }

        /** Whether the file has line ends that have to be made CRLF. */
        boolean isForeign() {
            return octets != fileSize;
        }
    }

    /** When the two folders changed last: while that stays, so does the listing. */
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

        /** File times are coarse: a change in the same tick as the pass would not show. */
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
     * @param before an earlier listing, whose counts of foreign files are still good where size and time are the same
     * @param parallel shares the looking at files that were not known before
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
                // What was written here has CRLF everywhere.
                octets = sealed == SealedIds.UNKNOWN ? size + added(disk, file, size, buffer) : size;
            }
            return new Entry(name, inCur, size, octets, modified, sealed);
        } catch (NoSuchFileException e) {
            // Moved or deleted by another program in this moment.
            return null;
        }
    }

    /** Octets that the wire needs besides: a CR for each bare line feed, and an end for the last line. */
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
