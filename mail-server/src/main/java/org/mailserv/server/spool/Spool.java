package org.mailserv.server.spool;

import java.util.concurrent.CompletionStage;
import org.mailserv.codec.address.ReversePath;

/**
 * Keeps accepted messages until every recipient is settled. Any thread may call the methods; only {@link #start} and {@link #close} block.
 * Every stage completes on a thread of the spool, also at shutdown (then with {@link SpoolException.Reason#CLOSED}).
 *
 * <p>Nothing above this interface knows a path. One implementation keeps files; another may share its messages with other nodes, and then
 * the queue gains and loses messages at any time ({@link QueueListener}).
 */
public interface Spool extends AutoCloseable {
    /**
     * Begins a message.
     *
     * @param recipients expected number of recipients, for which room is reserved
     */
    MessageWriter newMessage(int recipients);

    /**
     * Begins a message that is expected to go to local mailboxes only. A spool may store a large one in mailbox format.
     *
     * @param sender the reverse-path of the envelope
     */
    default MessageWriter newLocalMessage(ReversePath sender, int recipients) {
        return newMessage(recipients);
    }

    /**
     * Completes the work that an earlier run left, and accepts mail from then on. Called once, before any other method. Blocks.
     *
     * @param queue receives each message of earlier runs that has recipients left, after this method has returned; a million take a minute.
     *     A message that has not arrived yet is unknown to the other methods.
     */
    void start(QueueListener queue) throws SpoolException;

    /**
     * Returns a stage that completes when all messages of earlier runs have arrived in the queue. It fails with a {@link SpoolException} if
     * they could not be read.
     */
    CompletionStage<Void> queueRead();

    /** Opens an unsettled message. Fails with {@code NOT_FOUND} if there is none. The caller closes it. */
    CompletionStage<StoredMessage> open(QueueId id);

    /**
     * Replaces the state of a message. The stage completes when the change is durable. A caller that tolerates the old state after a crash
     * need not wait. A settled state ends the message and frees its resources.
     */
    CompletionStage<Void> update(QueueId id, MessageState state);

    /**
     * Notes deliveries to local mailboxes. No record is needed, because after a crash a missing delivery is repeated. A settled state ends
     * the message.
     */
    void noteDelivered(QueueId id, MessageState state);

    /** Returns whether the spool accepts messages now: its disk has room, and its last write succeeded. Reads only fields. */
    boolean isWritable();

    /** Returns the usual reason why the spool accepts no messages. */
    default SpoolException.Reason unwritableReason() {
        return SpoolException.Reason.DISK_FULL;
    }

    /** Retires the journal and closes. A clean shutdown leaves only complete queue files. Blocks. May be called twice. */
    @Override
    void close();
}
