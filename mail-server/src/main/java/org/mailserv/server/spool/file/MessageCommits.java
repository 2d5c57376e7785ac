package org.mailserv.server.spool.file;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.StoredMessage;

/** Writes new messages to the journal. Thread-safe; no method blocks. */
final class MessageCommits {
    private final Journal journal;
    private final LiveMessages live;
    private final RelayCopies copies;

    MessageCommits(Journal journal, LiveMessages live, RelayCopies copies) {
        this.journal = journal;
        this.live = live;
        this.copies = copies;
    }

    /**
     * Commits a message that is in memory.
     *
     * @param pieces trace fields and content; ownership passes
     * @param released called when the pieces are no longer in use
     */
    void commit(Envelope envelope, List<ByteBuf> pieces, Runnable released, CompletableFuture<StoredMessage> stored) {
        journal.append(new MessageEntry(live, copies, envelope, pieces, released, stored));
    }

    /**
     * Commits a message whose content is in a file.
     *
     * @param file complete and durable; ownership passes
     */
    void commit(
            Envelope envelope, IncomingFile file, IncomingFile.Layout layout, CompletableFuture<StoredMessage> stored) {
        journal.append(new FileEntry(live, envelope, file, layout, stored));
    }
}
