package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.BodyTable.BodyHead;
import org.mailserv.server.spool.QueueId;

/**
 * The life of bodies. A body exists while a row refers to it. Only the holder of a reference makes further ones, so that none can appear after
 * the look that finds no reference left.
 *
 * <p>The head of a body holds what stands before its content: a Return-Path line, which only mailboxes want, and trace fields, which were not
 * known when the parts were written. Its form is the length of the Return-Path (4 octets), the Return-Path, and the trace fields.
 */
final class Bodies {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final BodyTable table;

    Bodies(BodyTable table) {
        this.table = table;
    }

    /** Returns the reference of a journal entry. */
    static String freshRef(QueueId id) {
        return "fresh/" + id;
    }

    /** Returns the reference of a queue row. */
    static String queueRef(int shard, QueueId id) {
        return "queue/" + shard + "/" + id;
    }

    /** Returns the head of a body. */
    static BodyHead head(byte[] returnPath, ByteBuffer trace, long size) {
        ByteBuffer head = ByteBuffer.allocate(Integer.BYTES + returnPath.length + trace.remaining());
        head.putInt(returnPath.length).put(returnPath).put(trace.duplicate()).flip();
        return new BodyHead(size, head);
    }

    /** Returns the Return-Path line of a body, possibly empty. */
    static ByteBuffer returnPath(BodyHead head) {
        ByteBuffer octets = head.head().duplicate();
        int length = octets.remaining() < Integer.BYTES ? 0 : octets.getInt();
        return octets.slice().limit(length).slice();
    }

    /** Returns the trace fields of a body, possibly none. */
    static ByteBuffer trace(BodyHead head) {
        ByteBuffer octets = head.head().duplicate();
        int length = octets.remaining() < Integer.BYTES ? 0 : octets.getInt();
        return octets.position(octets.position() + length).slice();
    }

    /** Stores a whole body: parts after the first one, and then the rest in one mutation. */
    CompletionStage<Void> store(QueueId body, BodyHead head, ByteBuffer content, Collection<String> refs) {
        ByteBuffer octets = content.duplicate();
        int end = octets.limit();
        List<ByteBuffer> parts = new ArrayList<>();
        while (octets.hasRemaining()) {
            octets.limit(Math.min(end, octets.position() + BodyTable.PART));
            parts.add(octets.slice());
            octets.position(octets.limit()).limit(end);
        }
        List<CompletionStage<Void>> writes = new ArrayList<>();
        for (int part = 1; part < parts.size(); part++) {
            writes.add(table.insertPart(body, part, parts.get(part)));
        }
        ByteBuffer first = parts.isEmpty() ? NOTHING : parts.get(0);
        return Stages.all(writes).thenCompose(written -> table.commit(body, head, first, refs));
    }

    /** Deletes a reference, and the body if it was the last one. May be repeated. */
    CompletionStage<Void> release(QueueId body, String ref) {
        return release(body, List.of(ref));
    }

    /** Deletes references, and the body if none is left. May be repeated. */
    CompletionStage<Void> release(QueueId body, Collection<String> refs) {
        return table.deleteRefs(body, refs)
                .thenCompose(deleted -> table.refs(body))
                .thenCompose(left -> left.isEmpty() ? table.delete(body) : Stages.done());
    }
}
