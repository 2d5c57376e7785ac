package org.mailserv.server.disk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/** What a restart finds on a disk: folders, and files with their contents, by their paths below some root. */
public final class DiskImage {
    private final Set<Path> folders = new TreeSet<>();
    private final Map<Path, Content> files = new TreeMap<>();

    /** Octets that never change. */
    static final class Content {
        static final Content EMPTY = new Content(new byte[0]);

        private final byte[] octets;
        // Zeros at the end need no writing; counted when they are first asked for, as the check is.
        private int used = -1;
        private long check;

        private Content(byte[] octets) {
            this.octets = octets;
        }

        /** The same with some octets written; what lies between has zeros. */
        Content with(byte[] written, long position) {
            byte[] changed = Arrays.copyOf(octets, Math.max(octets.length, (int) position + written.length));
            System.arraycopy(written, 0, changed, (int) position, written.length);
            return new Content(changed);
        }

        private void look() {
            if (used < 0) {
                int end = octets.length;
                while (end > 0 && octets[end - 1] == 0) {
                    end--;
                }
                CRC32C crc = new CRC32C();
                crc.update(octets, 0, end);
                byte[] part = Arrays.copyOf(octets, end);
                check = crc.getValue() << 32 ^ Arrays.hashCode(part) & 0xFFFF_FFFFL;
                used = end;
            }
        }

        private String fingerprint() {
            look();
            return octets.length + "/" + check;
        }

        private void writeTo(Path file) throws IOException {
            look();
            try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                out.write(octets, 0, used);
                out.setLength(octets.length);
            }
        }
    }

    void addFolder(Path folder) {
        folders.add(folder);
    }

    void addFile(Path file, Content content) {
        files.put(file, content);
    }

    /** Equal for images that are equal. */
    public String fingerprint() {
        StringBuilder text = new StringBuilder();
        folders.forEach(folder -> text.append(folder).append('\n'));
        files.forEach((file, content) ->
                text.append(file).append(' ').append(content.fingerprint()).append('\n'));
        return text.toString();
    }

    /** Makes the folders and files below a folder that is empty, or not there. */
    public void writeTo(Path target) throws IOException {
        Files.createDirectories(target);
        for (Path folder : folders) {
            Files.createDirectories(target.resolve(folder));
        }
        for (Map.Entry<Path, Content> file : files.entrySet()) {
            file.getValue().writeTo(target.resolve(file.getKey()));
        }
    }
}
