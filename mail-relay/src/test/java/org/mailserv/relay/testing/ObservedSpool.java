package org.mailserv.relay.testing;

import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;

/** A spool that tells the test of each state that has become durable, before anybody else hears of it. */
public record ObservedSpool(Spool spool, BiConsumer<QueueId, MessageState> durable) implements Spool {
    @Override
    public CompletionStage<Void> update(QueueId id, MessageState state) {
        return spool.update(id, state).thenRun(() -> durable.accept(id, state));
    }

    @Override
    public MessageWriter newMessage(int recipients) {
        return spool.newMessage(recipients);
    }

    @Override
    public MessageWriter newLocalMessage(ReversePath sender, int recipients) {
        return spool.newLocalMessage(sender, recipients);
    }

    @Override
    public void start(QueueListener queue) throws SpoolException {
        spool.start(queue);
    }

    @Override
    public CompletionStage<Void> queueRead() {
        return spool.queueRead();
    }

    @Override
    public CompletionStage<StoredMessage> open(QueueId id) {
        return spool.open(id);
    }

    @Override
    public void noteDelivered(QueueId id, MessageState state) {
        spool.noteDelivered(id, state);
    }

    @Override
    public boolean isWritable() {
        return spool.isWritable();
    }

    @Override
    public void close() {
        spool.close();
    }
}
