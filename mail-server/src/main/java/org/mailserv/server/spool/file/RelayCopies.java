package org.mailserv.server.spool.file;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of small accepted messages, kept in memory because the relay opens them a moment later. Losing a copy is harmless: the message is
 * read from the journal then. Thread-safe; no method blocks.
 */
final class RelayCopies implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RelayCopies.class);

    private final RecentMessages recent;
    private final ByteBufAllocator allocator;

    /** @param limit octets of all copies together; 0 to keep none */
    RelayCopies(long limit, ByteBufAllocator allocator) {
        this.recent = new RecentMessages(limit);
        this.allocator = allocator;
    }

    /**
     * Copies the content of a message whose acceptance has ended, unless nothing is left to deliver or there is no room.
     *
     * @param pieces the content; not released
     * @param octets of all pieces
     */
    void keep(Envelope envelope, LiveMessage message, List<ByteBuf> pieces, int octets) {
        synchronized (message) {
            MessageState state = message.state == null ? MessageState.initial(envelope) : message.state;
            if (message.settled || state.held()) {
                return;
            }
        }
        if (octets > RecentMessages.LARGEST || !recent.hasRoom(octets)) {
            return;
        }
        ByteBuf content = null;
        try {
            // A copy is needed, because the network buffers that contain the pieces may be much larger.
            content = allocator.directBuffer(octets, octets);
            for (ByteBuf piece : pieces) {
                content.writeBytes(piece, piece.readerIndex(), piece.readableBytes());
            }
            recent.keep(envelope, content);
            content = null;
        } catch (OutOfMemoryError | RuntimeException e) {
            // Direct memory is exhausted. The message is accepted and in the journal, so this must not fail.
            LOG.debug("event=not-kept-in-memory id={} reason=\"{}\"", envelope.id(), Failures.text(e));
        } finally {
            if (content != null) {
                content.release();
            }
        }
    }

    /** Opens the copy of a message, which is not kept any longer. Returns null if there is none. */
    @Nullable
    StoredMessage open(LiveMessage message) {
        RecentMessages.Kept kept = recent.take(message.id);
        if (kept == null) {
            return null;
        }
        synchronized (message) {
            SegmentFile segment = message.segment;
            if (message.settled || segment == null) {
                kept.content().release();
                return null;
            }
            segment.hold();
            return new SpooledMessage(
                    kept.envelope(),
                    message.state == null ? MessageState.initial(kept.envelope()) : message.state,
                    segment.file.channel(),
                    (long) message.offset + message.headLength,
                    kept.content().readableBytes(),
                    List.of(kept.content()),
                    null,
                    segment::release);
        }
    }

    /** Drops the copy of a settled message. */
    void forget(QueueId id) {
        recent.forget(id);
    }

    /** Returns the octets of all copies. */
    long octets() {
        return recent.octets();
    }

    @Override
    public void close() {
        recent.close();
    }
}
