package org.mailserv.server.spool.file;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.mailserv.server.disk.QuietClose;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;

/** The journal entry of a large message: the record holds the head, and a complete incoming file holds the content. */
final class FileEntry extends Journal.Entry {
    private final LiveMessages live;
    private final Envelope envelope;
    private final IncomingFile file;
    private final IncomingFile.Layout layout;
    private final CompletableFuture<StoredMessage> stored;

    /**
     * @param file a durable file; closed with the message, or discarded if the record cannot be written
     * @param stored completed with the open message
     */
    FileEntry(
            LiveMessages live,
            Envelope envelope,
            IncomingFile file,
            IncomingFile.Layout layout,
            CompletableFuture<StoredMessage> stored) {
        super(layout.kind());
        this.live = live;
        this.envelope = envelope;
        this.file = file;
        this.layout = layout;
        this.stored = stored;
    }

    @Override
    int length() {
        return layout.head().length;
    }

    @Override
    void writeTo(ByteBuffer target) {
        target.put(layout.head());
    }

    @Override
    void durable(Segment segment) {
        LiveMessage message = new LiveMessage(envelope.id());
        message.offset = offset;
        message.mailboxFormat = kind == Journal.KIND_MAILBOX_FILE;
        Runnable accepted =
                live.accept(envelope, message, segment, layout.head().length, () -> QuietClose.close(file::close));
        stored.complete(new SpooledMessage(
                envelope,
                MessageState.initial(envelope),
                file.channel(),
                layout.start(),
                layout.contentLength(),
                List.of(),
                message.mailboxFormat ? file.path() : null,
                accepted));
    }

    @Override
    void failed(SpoolException failure) {
        file.discard();
        stored.completeExceptionally(failure);
    }
}
