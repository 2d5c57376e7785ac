package org.mailserv.server.spool.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;

/** The send files of messages that outlive their segment: {@code queue/xx/ID} and {@code queue/xx/ID.state}. All methods block. */
final class QueueFolder {
    static final String STATE_SUFFIX = ".state";
    private static final int FIRST_READ = 16 * 1024;

    private final Disk disk;
    private final Path folder;

    QueueFolder(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    /** A file opened for its message, and its head. */
    record Opened(FileChannel channel, SendFile.Head head) {}

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

    /** For files that are to be written together. */
    QueueBatch batch() {
        return new QueueBatch(disk, this);
    }

    /** Takes a whole send file over by its name. */
    void adopt(QueueId id, Path source) throws IOException {
        Path target = fileOf(id);
        makeFolder(target);
        disk.rename(source, target);
    }

    void makeFolder(Path file) throws IOException {
        Path parent = file.getParent();
        if (parent != null && disk.createDirectories(parent)) {
            disk.syncDirectory(folder);
        }
    }

    /** The state that was written, or null where none has changed yet. */
    @Nullable
    MessageState readState(QueueId id) throws IOException {
        try (FileChannel channel = disk.openForRead(stateOf(id))) {
            byte[] octets = Channels.newInputStream(channel).readNBytes(SendFile.MAX_HEAD);
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

    Opened open(QueueId id) throws IOException, SendFile.MalformedSendFileException {
        return open(disk, fileOf(id));
    }

    /** Opens a send file and reads its head; the caller closes the channel. */
    static Opened open(Disk disk, Path file) throws IOException, SendFile.MalformedSendFileException {
        FileChannel channel = disk.openForRead(file);
        try {
            return new Opened(channel, SendFile.read(readHead(channel)));
        } catch (IOException | SendFile.MalformedSendFileException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static byte[] readHead(FileChannel channel) throws IOException {
        byte[] marker = (SendFile.END + "\r\n").getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream octets = new ByteArrayOutputStream(FIRST_READ);
        ByteBuffer piece = ByteBuffer.allocate(FIRST_READ);
        long position = 0;
        while (octets.size() < SendFile.MAX_HEAD) {
            int count = channel.read(piece.clear(), position);
            if (count < 0) {
                break;
            }
            octets.write(piece.array(), 0, count);
            position += count;
            if (new String(piece.array(), 0, count, StandardCharsets.ISO_8859_1)
                            .contains(new String(marker, StandardCharsets.ISO_8859_1))
                    || octets.size() > 2 * FIRST_READ
                            && octets.toString(StandardCharsets.ISO_8859_1).contains(SendFile.END)) {
                break;
            }
        }
        return octets.toByteArray();
    }

    Path folder() {
        return folder;
    }
}
