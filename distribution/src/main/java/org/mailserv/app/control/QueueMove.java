package org.mailserv.app.control;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.mailserv.server.cluster.table.RunRow;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.store.StoreStages;
import org.mailserv.server.store.shared.ClusterStatus;
import org.mailserv.server.store.shared.SharedStore;

/**
 * Moves the queue from one store to another while no server runs. A message is removed from the first store only after the second one has it
 * durably and its content was compared, so that an interrupted move loses nothing: at most one message is then in both. All methods block.
 */
public final class QueueMove {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration TAKEOVER = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 500;
    /** Looks after the end of a takeover, whose messages arrive a little later. */
    private static final int LOOKS_AFTER = 10;

    private static final int PIECE = 64 * 1024;

    private final Spool from;
    private final Spool to;

    private QueueMove(Spool from, Spool to) {
        this.from = from;
        this.to = to;
    }

    /**
     * Moves all messages. Both stores are open and not started yet.
     *
     * @return the number of messages that were moved
     * @throws IOException if other servers use a shared store, or if a store fails; what was moved by then stays moved
     */
    public static int run(MailStore from, MailStore to) throws IOException {
        try {
            ArrivedMessages.start(to.spool());
            ArrivedMessages source = ArrivedMessages.start(from.spool());
            awaitAlone(from);
            awaitAlone(to);
            QueueMove move = new QueueMove(from.spool(), to.spool());
            List<QueuedMessage> messages = source.all();
            for (QueuedMessage message : messages) {
                move.move(message);
            }
            return messages.size();
        } catch (SpoolException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Waits until the mail of nodes that have died is taken over. Another node that lives is an error. */
    private static void awaitAlone(MailStore store) throws IOException {
        if (!(store instanceof SharedStore shared)) {
            return;
        }
        long end = System.nanoTime() + TAKEOVER.toNanos();
        int quiet = 0;
        boolean waited = false;
        while (quiet < (waited ? LOOKS_AFTER : 1)) {
            ClusterStatus status = StoreStages.await(shared.status(), PATIENCE);
            boolean alone = status.run() != null
                    && status.runs().stream()
                            .allMatch(run -> run.id().equals(status.run()) || run.state() == RunRow.State.GONE);
            quiet = alone ? quiet + 1 : 0;
            waited |= !alone;
            if (!alone && System.nanoTime() > end) {
                throw new IOException("another server of the cluster is running (expected: all are stopped)");
            }
            pause();
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void move(QueuedMessage queued) throws IOException {
        try (StoredMessage message = StoreStages.await(from.open(queued.id()), PATIENCE)) {
            copy(message);
            MessageState state = message.state();
            List<RecipientState> settled = state.recipients().stream()
                    .map(one -> one.isSettled() ? one : new RecipientState(RecipientState.Status.REMOVED, null, null))
                    .toList();
            StoreStages.await(from.update(queued.id(), state.withHold(null).withRecipients(settled)), PATIENCE);
        }
    }

    private void copy(StoredMessage message) throws IOException {
        Envelope envelope = message.envelope();
        MessageWriter writer = to.newMessage(envelope.recipients().size());
        try {
            MessageContent content = message.content();
            for (long at = 0; at < content.length(); ) {
                ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, content.length() - at));
                content.read(at, piece);
                at += piece.capacity();
                ByteBuf octets = ByteBufAllocator.DEFAULT.buffer(piece.capacity());
                StoreStages.await(writer.append(octets.writeBytes(piece.flip())), PATIENCE);
            }
            Envelope copy = envelope.copyFor(writer.id(), envelope.recipients());
            try (StoredMessage made = StoreStages.await(writer.commit(copy, Unpooled.EMPTY_BUFFER), PATIENCE)) {
                if (!Arrays.equals(hash(content), hash(made.content()))) {
                    throw new IOException(
                            "message " + envelope.id() + " differs after the copy; it stays where it was");
                }
                StoreStages.await(to.update(copy.id(), message.state()), PATIENCE);
            }
        } finally {
            writer.abort();
        }
    }

    private static byte[] hash(MessageContent content) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            content.writeTo(
                    ByteBuffer.allocate(0),
                    Channels.newChannel(new DigestOutputStream(OutputStream.nullOutputStream(), digest)));
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
