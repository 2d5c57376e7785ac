package org.mailserv.server.spool.file;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;

/** The journal entry of a message whose content is in the record. */
final class MessageEntry extends Journal.Entry {
    private final LiveMessages live;
    private final RelayCopies copies;
    private final Envelope envelope;
    private final byte[] head;
    private final List<ByteBuf> pieces;
    private final Runnable released;
    private final CompletableFuture<StoredMessage> stored;
    private final int length;

    /**
     * @param pieces the content; ownership passes to the entry
     * @param released called when the pieces are no longer in use
     * @param stored completed with the open message
     */
    MessageEntry(
            LiveMessages live,
            RelayCopies copies,
            Envelope envelope,
            List<ByteBuf> pieces,
            Runnable released,
            CompletableFuture<StoredMessage> stored) {
        super(Journal.KIND_MESSAGE);
        this.live = live;
        this.copies = copies;
        this.envelope = envelope;
        this.head = QueueFile.write(envelope);
        this.pieces = pieces;
        this.released = released;
        this.stored = stored;
        this.length =
                head.length + pieces.stream().mapToInt(ByteBuf::readableBytes).sum();
    }

    @Override
    int length() {
        return length;
    }

    @Override
    void writeTo(ByteBuffer target) {
        target.put(head);
        for (ByteBuf piece : pieces) {
            ByteBuffer part = target.slice().limit(piece.readableBytes());
            piece.getBytes(piece.readerIndex(), part);
            target.position(target.position() + piece.readableBytes());
        }
    }

    @Override
    void durable(Segment segment) {
        LiveMessage message = new LiveMessage(envelope.id());
        message.offset = offset;
        message.length = length;
        Runnable accepted = live.accept(envelope, message, segment, head.length, released);
        int octets = length - head.length;
        stored.complete(new SpooledMessage(
                envelope,
                MessageState.initial(envelope),
                segment.file.channel(),
                (long) offset + head.length,
                octets,
                pieces,
                null,
                () -> {
                    try {
                        copies.keep(envelope, message, pieces, octets);
                    } finally {
                        accepted.run();
                    }
                }));
    }

    @Override
    void failed(SpoolException failure) {
        pieces.forEach(ByteBuf::release);
        released.run();
        stored.completeExceptionally(failure);
    }
}
