package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.QuietClose;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MailboxFormat;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;

/**
 * Opens messages in a journal segment, in the incoming folder or in the queue folder. All methods block. Every returned message is open,
 * and the caller closes it.
 */
final class MessageOpener {
    private final Disk disk;
    private final IncomingFolder incoming;
    private final QueueFolder queue;

    MessageOpener(Disk disk, IncomingFolder incoming, QueueFolder queue) {
        this.disk = disk;
        this.incoming = incoming;
        this.queue = queue;
    }

    /**
     * Opens a message in its current state.
     *
     * @throws SpoolException {@code NOT_FOUND} if the message is settled
     */
    StoredMessage open(LiveMessage message) throws IOException, SpoolException, QueueFile.MalformedQueueFileException {
        SegmentRange held = null;
        boolean mailboxFormat;
        MessageState state;
        synchronized (message) {
            if (message.settled) {
                throw SpoolException.notFound(message.id);
            }
            state = message.state;
            mailboxFormat = message.mailboxFormat;
            SegmentFile segment = message.segment;
            if (segment != null && (mailboxFormat || message.length > 0)) {
                held = message.hold(segment);
            }
        }
        if (held == null) {
            return openFile(message, state);
        } else if (!mailboxFormat) {
            return openRecord(held, state);
        }
        try {
            return openMailboxFormat(incoming.fileOf(message.id), held, state);
        } catch (NoSuchFileException e) {
            // It has become a queue file in the meantime.
            return openFile(message, state);
        }
    }

    /**
     * Opens a message of a segment that is being retired, settled or not, in its initial state.
     *
     * @param segment keeps the message's record until the caller is done
     */
    StoredMessage open(SegmentFile segment, LiveMessage message)
            throws IOException, QueueFile.MalformedQueueFileException {
        if (message.length > 0) {
            return openRecord(message.hold(segment), null);
        }
        Path file = incoming.fileOf(message.id);
        if (message.mailboxFormat && disk.exists(file)) {
            return openMailboxFormat(file, message.hold(segment), null);
        }
        return stored(disk.exists(file) ? QueueFolder.open(disk, file) : queue.open(message.id), null);
    }

    /** @param part contains the head; released in any case */
    private StoredMessage openMailboxFormat(Path file, SegmentRange part, @Nullable MessageState state)
            throws IOException, QueueFile.MalformedQueueFileException {
        try {
            Envelope envelope = part.envelope();
            return openMailboxFormat(file, envelope, state == null ? MessageState.initial(envelope) : state);
        } finally {
            part.segment().release();
        }
    }

    /** Opens a file of the incoming folder that is in mailbox format. */
    SpooledMessage openMailboxFormat(Path file, Envelope envelope, MessageState state) throws IOException {
        FileChannel channel = disk.openForRead(file);
        try {
            int start = MailboxFormat.returnPath(envelope.sender()).length;
            return new SpooledMessage(
                    envelope,
                    state,
                    channel,
                    start,
                    channel.size() - start,
                    List.of(),
                    file,
                    () -> QuietClose.close(channel));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** @param part held for the returned message; released if this fails */
    private static StoredMessage openRecord(SegmentRange part, @Nullable MessageState state)
            throws IOException, QueueFile.MalformedQueueFileException {
        SegmentFile segment = part.segment();
        try {
            Envelope envelope = part.envelope();
            return new SpooledMessage(
                    envelope,
                    state == null ? MessageState.initial(envelope) : state,
                    segment.file.channel(),
                    (long) part.offset() + part.headLength(),
                    part.length() - part.headLength(),
                    List.of(),
                    null,
                    segment::release);
        } catch (IOException | QueueFile.MalformedQueueFileException | RuntimeException e) {
            segment.release();
            throw e;
        }
    }

    /** Opens a file of the queue folder or of the incoming folder, between which it may move at any time. */
    private StoredMessage openFile(LiveMessage message, @Nullable MessageState state)
            throws IOException, QueueFile.MalformedQueueFileException {
        QueueFolder.Opened opened;
        try {
            opened = queue.open(message.id);
        } catch (NoSuchFileException e) {
            try {
                opened = QueueFolder.open(disk, incoming.fileOf(message.id));
            } catch (NoSuchFileException again) {
                opened = queue.open(message.id);
            }
        }
        try {
            return stored(opened, state == null ? queue.readState(message.id) : state);
        } catch (IOException | RuntimeException e) {
            opened.channel().close();
            throw e;
        }
    }

    /** @param opened ownership passes: closed with the message, or if this fails */
    private static StoredMessage stored(QueueFolder.Opened opened, @Nullable MessageState written)
            throws IOException, QueueFile.MalformedQueueFileException {
        try {
            Envelope envelope = QueueFile.envelope(opened.head());
            FileChannel channel = opened.channel();
            return new SpooledMessage(
                    envelope,
                    written == null ? MessageState.initial(envelope) : written,
                    channel,
                    opened.head().length(),
                    channel.size() - opened.head().length(),
                    List.of(),
                    null,
                    () -> QuietClose.close(channel));
        } catch (IOException | QueueFile.MalformedQueueFileException | RuntimeException e) {
            opened.channel().close();
            throw e;
        }
    }
}
