package org.mailserv.server.mailbox;

import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.spool.MessageContent;

/**
 * A mailbox as one POP3 session sees it: the messages that were there when it was opened, oldest first, numbered from 0.
 * Confined to one session; the stages complete on a thread of the store.
 */
public interface Maildrop extends AutoCloseable {
    /** Messages. */
    int size();

    /** Octets of a message as it goes over the wire before byte-stuffing: every line end counts two. RFC 1939, 11. */
    long octets(int index);

    /** The unique id: 1 to 70 printable characters, stable over sessions and restarts. RFC 1939, 7 (UIDL). */
    String uid(int index);

    /**
     * Opens a message to be read, with CRLF line ends whatever the file has. Fails with {@link MaildropException} when it is
     * gone or cannot be read. The caller closes it.
     */
    CompletionStage<MaildropMessage> read(int index);

    /**
     * Opens several messages, which the caller closes: all of them, or those before the first that cannot be opened. What one of them
     * holds is bounded by its size, so that they are to be small.
     */
    CompletionStage<List<MaildropMessage>> readAll(List<Integer> indexes);

    /**
     * Deletes messages: all or none, also when the power goes in the middle. Fails with {@link MaildropException}, then some
     * may be gone from the folder but will be deleted at the next start.
     */
    CompletionStage<Void> delete(BitSet indexes);

    /** Frees the lock. Never blocks, may be called twice. */
    @Override
    void close();

    /** One open message. */
    interface MaildropMessage extends AutoCloseable {
        MessageContent content();

        @Override
        void close();
    }
}
