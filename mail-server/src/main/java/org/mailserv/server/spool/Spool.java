package org.mailserv.server.spool;

import java.util.concurrent.CompletionStage;
import org.mailserv.codec.address.ReversePath;

/**
 * Keeps accepted messages until every recipient is settled. All methods may be called from any thread, and only {@link #start} and
 * {@link #close} block. Every stage completes on a thread of the spool, also at shutdown (then with
 * {@link SpoolException.Reason#CLOSED}).
 *
 * <p>Nothing above this interface knows a path. One implementation keeps files; another may share its messages with other nodes, and then
 * the queue gains and loses messages at any time ({@link QueueListener}).
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
     * Completes what an earlier run left undone, and accepts mail from then on. Called once, before any other method. Blocks.
     *
     * @param queue learns of each message of earlier runs that has recipients left, after this method has returned: a million take a minute.
     *     A message that has not arrived yet is unknown to the other methods.
     */
    void start(QueueListener queue) throws SpoolException;

    /**
     * Returns a stage that completes when all messages of earlier runs have arrived in the queue. It fails with a {@link SpoolException} when
     * they could not be read.
     */
    CompletionStage<Void> queueRead();

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

    /**
     * Whether the spool takes messages now: its disk has room over the mark, and its last write did not fail. Cheap: a look
     * at a field.
     */
    boolean isWritable();

    /** Retires the journal and closes: a clean shutdown leaves only whole queue files. Blocks. May be called twice. */
    @Override
    void close();
}
