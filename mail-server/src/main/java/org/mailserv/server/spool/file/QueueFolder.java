package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;

/** The queue files of messages that outlive their segment: {@code queue/xx/ID} and {@code queue/xx/ID.state}. All methods block. */
final class QueueFolder {
    static final String STATE_SUFFIX = ".state";
    private static final int FIRST_READ = 4 * 1024;
    private static final byte[] END_LINE = ("\n" + QueueFile.END).getBytes(StandardCharsets.US_ASCII);

    private final Disk disk;
    private final Path folder;
    private volatile @Nullable Set<String> ofThisRun;

    QueueFolder(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    /** Begins to distinguish the files of this run from earlier ones. */
    void beginRun() {
        ofThisRun = ConcurrentHashMap.newKeySet();
    }

    /** Stops distinguishing them, because {@link #isOfThisRun} is no longer needed. */
    void endOfReading() {
        ofThisRun = null;
    }

    /** @param name the name of a queue file, its state, or the temporary file of either */
    boolean isOfThisRun(String name) {
        Set<String> ids = ofThisRun;
        int dot = name.indexOf('.');
        return ids != null && ids.contains(dot < 0 ? name : name.substring(0, dot));
    }

    /** Notes a message before its first file is created. */
    void note(QueueId id) {
        Set<String> ids = ofThisRun;
        if (ids != null) {
            ids.add(id.toString());
        }
    }

    /** An open queue file and its head. */
    record Opened(FileChannel channel, QueueFile.Head head) {}

    Path fileOf(QueueId id) {
        String name = id.toString();
        return folder.resolve(name.substring(0, 2)).resolve(name);
    }

    Path stateOf(QueueId id) {
        Path file = fileOf(id);
        return file.resolveSibling(file.getFileName() + STATE_SUFFIX);
    }

    boolean contains(QueueId id) {
        return disk.exists(fileOf(id));
    }

    /** Moves a complete queue file into the folder. */
    void adopt(QueueId id, Path source) throws IOException {
        Path target = fileOf(id);
        note(id);
        makeFolder(target);
        disk.rename(source, target);
    }

    void makeFolder(Path file) throws IOException {
        Path parent = file.getParent();
        if (parent != null && disk.createDirectories(parent)) {
            disk.syncDirectory(folder);
        }
    }

    /** Returns the stored state, or null if it has not changed yet. */
    @Nullable
    MessageState readState(QueueId id) throws IOException {
        try (FileChannel channel = disk.openForRead(stateOf(id))) {
            byte[] octets = Channels.newInputStream(channel).readNBytes(QueueFile.MAX_HEAD);
            return StateFile.read(octets);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    void delete(QueueId id) throws IOException {
        disk.delete(fileOf(id));
        disk.delete(stateOf(id));
    }

    void syncFolders(Collection<QueueId> ids) throws IOException {
        Set<Path> folders = new LinkedHashSet<>();
        ids.forEach(id -> folders.add(fileOf(id).resolveSibling("")));
        for (Path changed : folders) {
            if (disk.exists(changed)) {
                disk.syncDirectory(changed);
            }
        }
    }

    Opened open(QueueId id) throws IOException, QueueFile.MalformedQueueFileException {
        return open(disk, fileOf(id));
    }

    /** Opens a queue file and reads its head. The caller closes the channel. */
    static Opened open(Disk disk, Path file) throws IOException, QueueFile.MalformedQueueFileException {
        FileChannel channel = disk.openForRead(file);
        try {
            return new Opened(channel, QueueFile.read(readHead(channel)));
        } catch (IOException | QueueFile.MalformedQueueFileException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static byte[] readHead(FileChannel channel) throws IOException {
        byte[] octets = new byte[FIRST_READ];
        int length = 0;
        while (length < QueueFile.MAX_HEAD) {
            int count = channel.read(ByteBuffer.wrap(octets, length, octets.length - length), length);
            if (count < 0) {
                break;
            }
            int from = Math.max(0, length - END_LINE.length);
            length += count;
            if (hasEnd(octets, from, length)) {
                break;
            }
            if (length == octets.length) {
                octets = Arrays.copyOf(octets, 4 * length);
            }
        }
        return Arrays.copyOf(octets, length);
    }

    private static boolean hasEnd(byte[] octets, int from, int to) {
        for (int i = from; i + END_LINE.length < to; i++) {
            byte behind = octets[i + END_LINE.length];
            if (octets[i] == '\n'
                    && (behind == '\r' || behind == '\n')
                    && Arrays.equals(octets, i, i + END_LINE.length, END_LINE, 0, END_LINE.length)) {
                return true;
            }
        }
        return false;
    }

    Path folder() {
        return folder;
    }
}
