package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.IntConsumer;
import org.mailserv.server.cluster.QueueGroups.Group;
import org.mailserv.server.cluster.table.QueueTable;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.file.EnvelopeText;
import org.mailserv.server.spool.file.StateFile;

/**
 * Moves a message from the journal of a run into the shared queue: first the body with its references, then the rows, then a note for the
 * owners of the shards. Every step may be repeated, by any node and after any pause: what was deleted meanwhile stays deleted.
 */
final class MessageMover {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final ClusterLoop loop;
    private final SharedTables tables;
    private final Bodies bodies;
    private final int shards;
    private final IntConsumer moved;

    /**
     * @param shards shards of the queue
     * @param moved gets the shard of each row that was stored; the owner of the shard should look at it soon
     */
    MessageMover(ClusterLoop loop, SharedTables tables, int shards, IntConsumer moved) {
        this.loop = loop;
        this.tables = tables;
        this.bodies = new Bodies(tables.bodies());
        this.shards = shards;
        this.moved = moved;
    }

    /**
     * Moves a message.
     *
     * @param state the state; if it is settled, only the journal's reference to a body is deleted
     */
    CompletionStage<Void> move(FreshEntry.Message message, MessageState state) {
        Envelope envelope = message.envelope();
        List<Group> groups = QueueGroups.of(envelope, state, shards);
        if (message instanceof FreshEntry.Inline inline) {
            return groups.isEmpty() ? Stages.done() : moveInline(inline, groups);
        }
        QueueId body = envelope.id();
        CompletionStage<Void> rows = groups.isEmpty()
                ? Stages.done()
                : tables.bodies().addRefs(body, refs(groups)).thenCompose(added -> rows(groups, body, message));
        return rows.thenCompose(inserted -> bodies.release(body, Bodies.freshRef(envelope.id())));
    }

    private CompletionStage<Void> moveInline(FreshEntry.Inline inline, List<Group> groups) {
        QueueId body = QueueGroups.body(inline.id());
        return bodies.store(body, Bodies.head(new byte[0], NOTHING, inline.octets()), inline.content(), refs(groups))
                .thenCompose(stored -> rows(groups, body, inline));
    }

    /** Notes that a row came into a shard. Without the note the owner finds the row only at its next full read. */
    private CompletionStage<Void> note(Group group) {
        long minute = Duration.ofMillis(loop.wallTime().toEpochMilli()).toMinutes();
        return tables.queue().noteMoved(group.shard(), minute, group.id());
    }

    private static List<String> refs(List<Group> groups) {
        return groups.stream()
                .map(group -> Bodies.queueRef(group.shard(), group.id()))
                .toList();
    }

    private CompletionStage<Void> rows(List<Group> groups, QueueId body, FreshEntry.Message message) {
        List<CompletionStage<Void>> rows = new ArrayList<>();
        for (Group group : groups) {
            QueueTable.QueueRow row = new QueueTable.QueueRow(
                    group.id(),
                    ByteBuffer.wrap(EnvelopeText.write(group.envelope())),
                    body,
                    message.octets(),
                    ByteBuffer.wrap(StateFile.write(group.state())));
            rows.add(tables.queue().insert(group.shard(), row).thenCompose(inserted -> note(group)));
        }
        return Stages.all(rows).thenRun(() -> groups.forEach(group -> moved.accept(group.shard())));
    }
}
