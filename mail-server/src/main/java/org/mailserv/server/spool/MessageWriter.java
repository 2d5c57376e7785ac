package org.mailserv.server.spool;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletionStage;

/**
 * Receives one message. Confined to one thread at a time, usually an event loop, and nothing blocks. It ends with {@link #commit} or {@link
 * #abort}. Aborting a committed writer has no effect, so that callers can abort on every way out.
 */
public interface MessageWriter {
    /** Returns the message's id. It is created at the first call; ids follow the order of arrival, so callers should ask late. */
    QueueId id();

    /** Returns the number of octets appended so far. */
    long length();

    /**
     * Appends a piece of the content.
     *
     * @param piece released by the writer, also on failure
     * @return completes when more may be appended; already complete while the memory limits allow more. It fails with a {@link
     *     SpoolException} if the message cannot be stored; the writer accepts and drops what is appended after that.
     */
    CompletionStage<Void> append(ByteBuf piece);

    /**
     * Makes the message durable: when the stage completes, envelope and content survive a power failure.
     *
     * @param envelope with this writer's id
     * @param trace header fields to put before the content ({@code Received} and the like), each ending in CRLF; released by the writer
     * @return the open message, which the caller closes. It fails with a {@link SpoolException}, and then nothing of the message is left.
     *     Completes on a thread of the spool.
     */
    CompletionStage<StoredMessage> commit(Envelope envelope, ByteBuf trace);

    /** Discards the message and frees its resources. */
    void abort();
}
