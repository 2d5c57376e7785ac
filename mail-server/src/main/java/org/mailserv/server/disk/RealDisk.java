package org.mailserv.server.disk;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The disk of the operating system. */
public final class RealDisk implements Disk {
    private static final FileAttribute<?>[] FILE_MODE = mode("rw-------");
    private static final FileAttribute<?>[] FOLDER_MODE = mode("rwx------");
    private static final Set<OpenOption> CREATE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ);

    private static final int WORTH_A_FLUSH = 64;

    private final FileSystemFlush flush = new FileSystemFlush();
    private final @Nullable Set<PosixFilePermission> permissions;

    public RealDisk() {
        this(null);
    }

    private RealDisk(@Nullable Set<PosixFilePermission> permissions) {
        this.permissions = permissions;
    }

    /**
     * Returns a disk that creates files with these permissions, whatever the umask of the process, for files that another user reads.
     *
     * @param permissions in the form {@code rw-r-----}
     */
    public static RealDisk forOthers(String permissions) {
        return new RealDisk(PosixFilePermissions.fromString(permissions));
    }

    private static FileAttribute<?>[] mode(String permissions) {
        boolean posix = java.nio.file.FileSystems.getDefault()
                .supportedFileAttributeViews()
                .contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    @Override
    public DiskFile create(Path path) throws IOException {
        FileChannel file = FileChannel.open(path, CREATE, FILE_MODE);
        if (permissions != null && FILE_MODE.length > 0) {
            try {
                Files.setPosixFilePermissions(path, permissions);
            } catch (IOException e) {
                file.close();
                throw e;
            }
        }
        return new RealFile(file);
    }

    @Override
    public DiskFile openForWrite(Path path) throws IOException {
        return new RealFile(FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.READ));
    }

    @Override
    public FileChannel openForRead(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void link(Path existing, Path link) throws IOException {
        Files.createLink(link, existing);
    }

    @Override
    public boolean delete(Path path) throws IOException {
        return Files.deleteIfExists(path);
    }

    @Override
    public boolean createDirectories(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return false;
        }
        Files.createDirectories(folder, FOLDER_MODE);
        return true;
    }

    @Override
    public void syncDirectory(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public boolean syncFile(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(false);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public void flush(Path folder, int files) {
        if (files >= WORTH_A_FLUSH) {
            flush.flush(folder);
        }
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(entry -> names.add(FileNames.of(entry)));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        return names;
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class);
    }

    @Override
    public double freeFraction(Path path) throws IOException {
        return Math.min(freeSpace(path), Inodes.freeFraction(path));
    }

    /** Java finds no file store in a root folder that is no mount point (chroot). The file itself tells its space there. */
    private static double freeSpace(Path path) throws IOException {
        try {
            FileStore store = Files.getFileStore(path);
            return fraction(store.getUsableSpace(), store.getTotalSpace());
        } catch (IOException e) {
            File file = path.toFile();
            if (file.getTotalSpace() > 0) {
                return fraction(file.getUsableSpace(), file.getTotalSpace());
            }
            throw e;
        }
    }

    private static double fraction(long usable, long total) {
        return total <= 0 ? 1 : (double) usable / total;
    }

    /** An open file. Reads pass their position, so they do not disturb the channel's own, where appends go. */
    private static final class RealFile implements DiskFile {
        private final FileChannel channel;

        RealFile(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void append(ByteBuffer octets) throws IOException {
            while (octets.hasRemaining()) {
                channel.write(octets);
            }
        }

        @Override
        public void write(ByteBuffer octets, long position) throws IOException {
            long at = position;
            while (octets.hasRemaining()) {
                at += channel.write(octets, at);
            }
        }

        @Override
        public GatheringByteChannel appender() {
            // Not a wrapper: only between file channels does Java let the kernel copy.
            return channel;
        }

        @Override
        public void sync() throws IOException {
            channel.force(false);
        }

        @Override
        public FileChannel channel() {
            return channel;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
