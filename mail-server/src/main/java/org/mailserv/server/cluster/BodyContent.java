package org.mailserv.server.cluster;

import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.store.StoreStages;

/**
 * A large body, read from the tables part by part. At most two parts are in memory: the one that is read, and the one after it, which was asked
 * for meanwhile. Thread-safe.
 */
final class BodyContent implements MessageContent {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BodyTable table;
    private final QueueId body;
    private final ByteBuffer before;
    private final long size;
    private final ByteBuffer after;
    private int number = -1;
    private ByteBuffer part = ByteBuffer.allocate(0);
    private int nextNumber = -1;
    private @Nullable CompletableFuture<List<ByteBuffer>> next;

    /**
     * @param before octets before the parts
     * @param size octets of all parts
     * @param after octets after the parts
     */
    BodyContent(BodyTable table, QueueId body, ByteBuffer before, long size, ByteBuffer after) {
        this.table = table;
        this.body = body;
        this.before = before;
        this.size = size;
        this.after = after;
    }

    @Override
    public long length() {
        return before.remaining() + size + after.remaining();
    }

    @Override
    public synchronized long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        long done = 0;
        while (done < count && position + done < length()) {
            ByteBuffer piece = at(position + done);
            piece.limit((int) Math.min(piece.limit(), piece.position() + (count - done)));
            int wanted = piece.remaining();
            int written = target.write(piece);
            done += written;
            if (written < wanted) {
                break;
            }
        }
        return done;
    }

    /** Returns octets from a position on, at least one. */
    private ByteBuffer at(long position) throws IOException {
        if (position < before.remaining()) {
            return before.slice((int) (before.position() + position), (int) (before.remaining() - position));
        }
        long inParts = position - before.remaining();
        if (inParts >= size) {
            int from = (int) (inParts - size);
            return after.slice(after.position() + from, after.remaining() - from);
        }
        int wanted = (int) (inParts / BodyTable.PART);
        if (wanted != number) {
            load(wanted);
        }
        int from = (int) (inParts - (long) wanted * BodyTable.PART);
        return part.slice(part.position() + from, part.remaining() - from);
    }

    private void load(int wanted) throws IOException {
        CompletableFuture<List<ByteBuffer>> asked = next;
        if (asked == null || nextNumber != wanted) {
            asked = table.part(body, wanted).toCompletableFuture();
        }
        boolean more = (wanted + 1L) * BodyTable.PART < size;
        next = more ? table.part(body, wanted + 1).toCompletableFuture() : null;
        nextNumber = wanted + 1;
        List<ByteBuffer> found = StoreStages.await(asked, PATIENCE);
        long expected = Math.min(BodyTable.PART, size - (long) wanted * BodyTable.PART);
        if (found.isEmpty() || found.get(0).remaining() != expected) {
            throw new IOException("part " + wanted + " of body " + body + " is missing or incomplete");
        }
        part = found.get(0);
        number = wanted;
    }

    @Override
    public boolean hasRegions() {
        return false;
    }

    @Override
    public FileRegion region(long position, long count) throws IOException {
        throw new IOException("not in a file");
    }
}
