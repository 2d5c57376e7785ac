package org.mailserv.server.store.mirror;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;

/**
 * The last version of each file that this machine and the shared store had in common. It tells which side has changed since. All methods block.
 */
final class CommonVersions {
    private static final byte DELETED = '-';
    private static final byte PRESENT = '+';

    private final Path folder;
    private final Disk disk;

    CommonVersions(Path folder, Disk disk) {
        this.folder = folder;
        this.disk = disk;
    }

    /**
     * A common version.
     *
     * @param version 0 if there was none yet
     * @param content null for a file that did not exist
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Common(long version, byte @Nullable [] content) {
        static final Common NONE = new Common(0, null);
    }

    /** Returns the common version of a file. One that cannot be read counts as none: both sides are merged again. */
    Common read(String name) throws IOException {
        byte[] octets;
        try {
            octets = Files.readAllBytes(path(name));
        } catch (NoSuchFileException e) {
            return Common.NONE;
        }
        int end = 0;
        while (end < octets.length && octets[end] != '\n') {
            end++;
        }
        String first = new String(octets, 0, end, StandardCharsets.US_ASCII);
        if (end == octets.length || !first.matches("[-+][0-9]{1,18}")) {
            return Common.NONE;
        }
        long version = Long.parseLong(first.substring(1));
        return new Common(
                version, first.charAt(0) == DELETED ? null : Arrays.copyOfRange(octets, end + 1, octets.length));
    }

    /** Notes a common version. Durable on return. */
    void write(String name, long version, byte @Nullable [] content) throws IOException {
        disk.createDirectories(folder);
        byte[] first = ((char) (content == null ? DELETED : PRESENT) + Long.toString(version) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] octets = Arrays.copyOf(first, first.length + (content == null ? 0 : content.length));
        if (content != null) {
            System.arraycopy(content, 0, octets, first.length, content.length);
        }
        disk.replace(path(name), octets);
    }

    private Path path(String name) {
        return folder.resolve(URLEncoder.encode(name, StandardCharsets.UTF_8).replace("*", "%2A"));
    }
}
