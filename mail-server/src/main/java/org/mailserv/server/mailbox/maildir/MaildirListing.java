package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.QueueId;

/** The messages of one Maildir, oldest first, as one pass over the folder found them. Immutable. */
final class MaildirListing {
    private static final int BUFFER = 64 * 1024;
    private static final int MAX_UID = 70;

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
     * @param modified when it was written
     */
    record Entry(String fileName, boolean inCur, long fileSize, long octets, long modified) {
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
     * @param crew shares the looking at files that were not known before
     */
    static MaildirListing read(Disk disk, Path folder, Stamp stamp, @Nullable MaildirListing before, Crew crew)
            throws IOException {
        Map<String, Entry> counted = new HashMap<>();
        if (before != null) {
            before.entries.forEach(entry -> counted.put(MaildirStore.unique(entry.fileName()), entry));
        }
        List<Entry> entries = new ArrayList<>();
        for (boolean inCur : new boolean[] {false, true}) {
            Path part = folder.resolve(inCur ? "cur" : "new");
            List<String> names = disk.list(part);
            Entry[] found = new Entry[names.size()];
            crew.share(found.length, (from, to) -> {
                ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
                for (int i = from; i < to; i++) {
                    String name = names.get(i);
                    found[i] =
                            name.startsWith(".") ? null : entry(disk, part.resolve(name), name, inCur, counted, buffer);
                }
            });
            Arrays.stream(found).filter(Objects::nonNull).forEach(entries::add);
        }
        entries.sort(Comparator.comparingLong(Entry::modified)
                .thenComparing(entry -> MaildirStore.unique(entry.fileName())));
        return new MaildirListing(stamp, entries);
    }

    private static @Nullable Entry entry(
            Disk disk, Path file, String name, boolean inCur, Map<String, Entry> counted, ByteBuffer buffer)
            throws IOException {
        String unique = MaildirStore.unique(name);
        Entry known = counted.get(unique);
        try {
            BasicFileAttributes attributes = disk.attributes(file);
            if (!attributes.isRegularFile()) {
                return null;
            }
            long size = attributes.size();
            FileTime time = attributes.lastModifiedTime();
            long modified = time.to(TimeUnit.NANOSECONDS);
            long octets;
            if (known != null && known.fileSize() == size && known.modified() == modified) {
                octets = known.octets();
            } else {
                octets = isOwnName(unique) ? size : size + bareLineFeeds(disk, file, size, buffer);
            }
            return new Entry(name, inCur, size, octets, modified);
        } catch (NoSuchFileException e) {
            // Moved or deleted by another program in this moment.
            return null;
        }
    }

    private static boolean isOwnName(String unique) {
        if (unique.length() != QueueId.LENGTH) {
            return false;
        }
        for (int i = 0; i < unique.length(); i++) {
            char c = unique.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'z')) {
                return false;
            }
        }
        return true;
    }

    /** Line feeds without CR before them: each will be two octets on the wire. */
    private static long bareLineFeeds(Disk disk, Path file, long size, ByteBuffer buffer) throws IOException {
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
            return count;
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
        return uidOf(MaildirStore.unique(entries.get(index).fileName()));
    }

    /** RFC 1939, 7: 1 to 70 characters from 0x21 to 0x7E. */
    static String uidOf(String unique) {
        if (unique.length() <= MAX_UID && !unique.isEmpty() && unique.chars().allMatch(c -> c > 32 && c < 127)) {
            return unique;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(unique.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 20);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
