package org.mailserv.server.spool;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletionStage;

/**
 * Takes one message in. Used by one thread at a time, an event loop as a rule: nothing here blocks. Ends with {@link #commit}
 * or with {@link #abort}; a writer that was committed may be aborted without effect, so that callers can abort in every way out.
 */
public interface MessageWriter {
    /** The message's id. It is made at the first call: ids follow the order of arrival, so that callers ask late. */
    QueueId id();

    /** Octets appended so far. */
    long length();

    /**
     * Appends a piece of the content.
     *
     * @param piece released by the writer, also when it fails
     * @return completes when more may be appended; complete already while the bounds on memory allow more. It fails with a
     *     {@link SpoolException} when the message cannot be stored; the writer takes and drops what is appended after that.
     */
    CompletionStage<Void> append(ByteBuf piece);

    /**
     * Makes the message durable: when the stage completes, envelope and content survive a power cut.
     *
     * @param envelope with this writer's id
     * @param trace header fields to put before the content ({@code Received} and the like), each ending in CRLF; released by
     *     the writer
     * @return the message, open: the caller closes it. Fails with a {@link SpoolException}; then nothing of the message is left.
     *     Completes on a thread of the spool.
     */
    CompletionStage<StoredMessage> commit(Envelope envelope, ByteBuf trace);

    /** Forgets the message and frees what it held. */
    void abort();
}
