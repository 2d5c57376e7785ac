package org.mailserv.server.mailbox;

import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.spool.MessageContent;

/**
 * A mailbox opened by one POP3 session: the messages that were there at that time, oldest first, numbered from 0. Used by one thread at a
 * time; the stages complete on a thread of the store.
 */
public interface Maildrop extends AutoCloseable {
    /** Returns the number of messages. */
    int size();

    /** Returns the octets of a message as sent, before byte-stuffing: every line end counts as two. RFC 1939, 11. */
    long octets(int index);

    /** Returns the unique id: 1 to 70 printable characters, the same in all sessions. RFC 1939, 7 (UIDL). */
    String uid(int index);

    /**
     * Opens a message, whose line ends are CRLF whatever the file has. The stage fails with {@link MaildropException} when the message is gone or
     * cannot be read. The caller closes it.
     */
    CompletionStage<MaildropMessage> read(int index);

    /**
     * Opens several small messages, which may be held in memory. The result ends before the first message that cannot be opened. The caller
     * closes them.
     */
    CompletionStage<List<MaildropMessage>> readAll(List<Integer> indexes);

    /**
     * Deletes messages: all or none, even if the power fails meanwhile. The stage fails with {@link MaildropException}. If the deletion was
     * recorded by then, the server completes it later.
     */
    CompletionStage<Void> delete(BitSet indexes);

    /**
     * Returns a stage that completes when the lock is gone before {@link #close}: another session may open the maildrop, and nothing may be
     * deleted any more. A store that cannot lose its locks never completes it.
     */
    default CompletionStage<Void> lost() {
        return new CompletableFuture<>();
    }

    /** Releases the lock. Never blocks; may be called twice. */
    @Override
    void close();

    /** An open message. */
    interface MaildropMessage extends AutoCloseable {
        MessageContent content();

        @Override
        void close();
    }
}
