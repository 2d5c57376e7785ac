package org.mailserv.server.cluster.table;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.QueueId;

/** The tables {@code body} and {@code body_ref} (logical: insert 1, delete 2). Both have the body's id as partition key. */
public interface BodyTable {
    /** Octets of a part at most; all parts but the last have this size. */
    int PART = 256 * 1024;

    /**
     * The facts of a body that is complete.
     *
     * @param size octets of all parts
     * @param head further octets that stand before the parts, possibly none; {@link #PART} at most
     */
    record BodyHead(long size, ByteBuffer head) {}

    /** Inserts a part, from 0. A body with parts and without a head was never committed. */
    CompletionStage<Void> insertPart(QueueId body, int part, ByteBuffer data);

    /**
     * Inserts the head, the references and, if given, part 0, in one mutation: all or nothing.
     *
     * @param first part 0, or null if the parts were inserted before or there is none
     * @param refs at least one
     */
    CompletionStage<Void> commit(QueueId body, BodyHead head, @Nullable ByteBuffer first, Collection<String> refs);

    /** Inserts references to a body that has one from the caller. */
    CompletionStage<Void> addRefs(QueueId body, Collection<String> refs);

    /** Deletes references. */
    CompletionStage<Void> deleteRefs(QueueId body, Collection<String> refs);

    /** Reads the references, in any order. */
    CompletionStage<List<String>> refs(QueueId body);

    /** Reads the head; the list is empty if the body does not exist or was never committed. */
    CompletionStage<List<BodyHead>> head(QueueId body);

    /** Reads a part; the list is empty if it does not exist. */
    CompletionStage<List<ByteBuffer>> part(QueueId body, int part);

    /** Deletes head and parts. References stay as they are. */
    CompletionStage<Void> delete(QueueId body);
}
