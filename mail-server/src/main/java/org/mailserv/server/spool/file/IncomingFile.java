package org.mailserv.server.spool.file;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFile;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Detail;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MailboxFormat;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;

/**
 * The file of one large message. Its body is written after a reserved room, which the head fills at the end. The file then is a complete
 * queue file, or a mailbox file if all recipients are local. Confined to one thread at a time; all methods block.
 */
final class IncomingFile {

    private final Disk disk;
    private final Path folder;
    private final ReservedHeader room;
    private final MailEvents events;
    private QueueId name;
    private DiskFile file;

    private IncomingFile(Disk disk, Path folder, ReservedHeader room, MailEvents events, QueueId name, DiskFile file) {
        this.disk = disk;
        this.folder = folder;
        this.room = room;
        this.events = events;
        this.name = name;
        this.file = file;
    }

    static IncomingFile create(Disk disk, Path folder, QueueId temporary, ReservedHeader room, MailEvents events)
            throws IOException {
        DiskFile file = disk.create(folder.resolve(temporary.toString()));
        file.append(ByteBuffer.allocate(room.octets()));
        return new IncomingFile(disk, folder, room, events, temporary, file);
    }

    /**
     * The layout of a complete file.
     *
     * @param kind kind of the journal record that names the file
     * @param head the head of the queue file, for the record
     * @param start position of the content in the file
     * @param contentLength octets of the content, including trace fields
     */
    record Layout(byte kind, byte[] head, int start, long contentLength) {}

    Path path() {
        return folder.resolve(name.toString());
    }

    FileChannel channel() {
        return file.channel();
    }

    void append(ByteBuffer octets) throws IOException {
        file.append(octets);
    }

    /** Renames the file to its message's id. */
    void rename(QueueId id) throws IOException {
        disk.rename(path(), folder.resolve(id.toString()));
        name = id;
    }

    /**
     * Writes the head and makes the file durable. If this fails, the file is unusable and the caller discards it.
     *
     * @param trace header fields to put before the body; not released
     * @param length octets of the body
     */
    Layout complete(Envelope envelope, ByteBuf trace, long length) throws IOException {
        return room.mailboxFormat() && isLocal(envelope)
                ? completeMailboxFile(envelope, trace, length)
                : completeQueueFile(envelope, trace, length);
    }

    private static boolean isLocal(Envelope envelope) {
        return envelope.recipients().stream().allMatch(Recipient::isLocal);
    }

    private Layout completeQueueFile(Envelope envelope, ByteBuf trace, long length) throws IOException {
        byte[] head = padded(QueueFile.write(envelope), room.octets() - trace.readableBytes());
        if (head.length + trace.readableBytes() == room.octets()) {
            file.write(ByteBuffer.wrap(head), 0);
            file.write(trace.nioBuffer(), head.length);
        } else {
            rewrite(head, trace, length);
        }
        sync();
        return new Layout(Journal.KIND_MESSAGE_FILE, head, head.length, trace.readableBytes() + length);
    }

    private Layout completeMailboxFile(Envelope envelope, ByteBuf trace, long length) throws IOException {
        byte[] returnPath = MailboxFormat.returnPath(envelope.sender());
        byte[] filled = MailboxFormat.fill(envelope.sender(), trace, room.octets());
        int before = trace.readableBytes();
        if (filled != null) {
            file.write(ByteBuffer.wrap(filled), 0);
            before = filled.length - returnPath.length;
        } else {
            rewrite(returnPath, trace, length);
        }
        int end = appendMissingEnd();
        sync();
        return new Layout(
                Journal.KIND_MAILBOX_FILE, QueueFile.write(envelope), returnPath.length, before + length + end);
    }

    /** Makes the file end with CRLF, and returns the number of octets added. */
    private int appendMissingEnd() throws IOException {
        FileChannel channel = file.channel();
        long size = channel.size();
        ByteBuffer last = ByteBuffer.allocate((int) Math.min(2, size));
        while (last.hasRemaining() && channel.read(last, size - last.remaining()) >= 0) {
            continue;
        }
        byte[] missing = MailboxFormat.missingEnd(last.array());
        if (missing.length > 0) {
            file.write(ByteBuffer.wrap(missing), size);
        }
        return missing.length;
    }

    private void sync() throws IOException {
        file.sync();
        disk.syncDirectory(folder);
    }

    /** Extends a head to the room by a fact that is ignored. A head that leaves no room for that is returned unchanged. */
    private static byte[] padded(byte[] head, int room) {
        int padding = room - head.length - "Padding: \r\n".length();
        if (padding < 0) {
            return head;
        }
        String end = QueueFile.END + "\r\n";
        String text = new String(head, StandardCharsets.UTF_8);
        String filled =
                text.substring(0, text.length() - end.length()) + "Padding: " + "-".repeat(padding) + "\r\n" + end;
        return filled.getBytes(StandardCharsets.UTF_8);
    }

    /** Replaces the file by a copy whose body starts after a head larger than the room. */
    private void rewrite(byte[] head, ByteBuf trace, long length) throws IOException {
        Path path = path();
        Path temporary = path.resolveSibling(name + ".whole");
        DiskFile whole = disk.create(temporary);
        try {
            whole.append(ByteBuffer.wrap(head));
            whole.append(trace.nioBuffer());
            for (long done = 0; done < length; ) {
                long step = file.channel().transferTo(room.octets() + done, length - done, whole.appender());
                if (step <= 0) {
                    throw new IOException("incoming file ends at " + done + " of " + length);
                }
                done += step;
            }
            disk.rename(temporary, path);
            file.close();
        } catch (IOException | RuntimeException e) {
            whole.close();
            disk.delete(temporary);
            throw e;
        }
        file = whole;
    }

    /** Closes the file, which stays in the folder. */
    void close() throws IOException {
        file.close();
    }

    /** Closes and deletes the file. A failure is logged; the next start deletes files that no record names. */
    void discard() {
        try {
            file.close();
            disk.delete(path());
        } catch (IOException e) {
            events.noted(MessageNote.of(Kind.INCOMING_LEFT, name, Detail.word("reason", e)));
        }
    }
}
