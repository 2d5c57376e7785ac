package org.mailserv.server.spool;

import java.util.Collection;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;

/**
 * Keeps what was acknowledged until every recipient is settled. All methods may be called from any thread and none blocks
 * but {@link #recover} and {@link #close}; stages complete on a thread of the spool, always, also at shutdown (then with
 * {@link SpoolException.Reason#CLOSED}).
 *
 * <p>Nothing above this interface knows a path: the embedded store is files, a shared one may be anything.
 */
public interface Spool extends AutoCloseable {
    /**
     * Begins a message.
     *
     * @param recipients that it will have, as far as is known: room is kept for them
     */
    MessageWriter newMessage(int recipients);

    /**
     * Begins a message that only mailboxes here will get, as far as is known. A spool may keep a large one in the form that a mailbox has.
     *
     * @param sender the reverse-path of the envelope
     */
    default MessageWriter newLocalMessage(ReversePath sender, int recipients) {
        return newMessage(recipients);
    }

    /**
     * Makes good what an earlier run left undone; from then on mail is taken. Called once, before any other method. Blocks.
     *
     * @param again takes a message, later, that has to be tried again because a mailbox's disk lost it; on a thread of the spool
     */
    void recover(Consumer<QueuedMessage> again) throws SpoolException;

    /**
     * Gives each message of earlier runs that has recipients left, once, on the calling thread. Called once, behind {@link #recover},
     * while mail may already come in: a message that has not been given is not known to the other methods yet. Blocks, for a minute where
     * a million wait.
     */
    void readQueue(Consumer<QueuedMessage> queue) throws SpoolException;

    /** Opens a message that is not settled. Fails with {@code NOT_FOUND} when there is none. The caller closes it. */
    CompletionStage<StoredMessage> open(QueueId id);

    /**
     * Replaces the state of a message. The stage completes when the change is durable; a caller that can bear to see the old
     * state again after a crash need not wait. A settled state ends the message: what it held is freed.
     */
    CompletionStage<Void> update(QueueId id, MessageState state);

    /**
     * Notes what the mailboxes prove by themselves: local recipients were delivered. Needs no record: after a crash the delivery is
     * made again where it is missing. A settled state ends the message.
     */
    void noteDelivered(QueueId id, MessageState state);

    /** Records that messages were deleted from a mailbox: all or none of them, whatever happens. Durable when complete. */
    CompletionStage<Void> recordDeletions(MailboxName mailbox, Collection<String> uids);

    /**
     * Whether the spool takes messages now: its disk has room over the mark, and its last write did not fail. Cheap: a look
     * at a field.
     */
    boolean isWritable();

    /** Retires the journal and closes: a clean shutdown leaves only whole queue files. Blocks. May be called twice. */
    @Override
    void close();
}
