package org.mailserv.server.spool.file;

import io.netty.buffer.ByteBuf;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.QueueId;

/**
 * Small, recently accepted messages that wait for the relay, in memory besides the journal. Opening a message takes it out and reads
 * nothing. Messages that are not opened within seconds are dropped when the next one arrives. If there is no room, a new one is not kept,
 * because the oldest are needed first. Thread-safe.
 */
final class RecentMessages {
    /** Maximum size in octets; the relay sends larger messages from their file. */
    static final int LARGEST = 64 * 1024;

    private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final long limit;
    private final LongSupplier nanoTime;
    private final Map<QueueId, Kept> kept = new LinkedHashMap<>();
    private long octets;
    private boolean closed;

    /** @param limit octets of all contents; 0 for none */
    RecentMessages(long limit) {
        this(limit, System::nanoTime);
    }

    RecentMessages(long limit, LongSupplier nanoTime) {
        this.limit = limit;
        this.nanoTime = nanoTime;
    }

    /** @param content the content, with a reference for its holder */
    record Kept(Envelope envelope, ByteBuf content, long since) {}

    /** Returns whether there is room for this many octets now. */
    synchronized boolean hasRoom(long more) {
        expire();
        return !closed && octets + more <= limit;
    }

    /** @param content ownership passes */
    synchronized void keep(Envelope envelope, ByteBuf content) {
        if (closed || octets + content.readableBytes() > limit || kept.containsKey(envelope.id())) {
            content.release();
            return;
        }
        kept.put(envelope.id(), new Kept(envelope, content, nanoTime.getAsLong()));
        octets += content.readableBytes();
    }

    /** Removes and returns a message, or returns null. Its content belongs to the caller. */
    synchronized @Nullable Kept take(QueueId id) {
        Kept found = kept.remove(id);
        if (found != null) {
            octets -= found.content().readableBytes();
        }
        return found;
    }

    /** Drops a message that nobody will open. */
    void forget(QueueId id) {
        Kept found = take(id);
        if (found != null) {
            found.content().release();
        }
    }

    private void expire() {
        long now = nanoTime.getAsLong();
        for (Iterator<Kept> all = kept.values().iterator(); all.hasNext(); ) {
            Kept oldest = all.next();
            if (now - oldest.since() < LIFE_NANOS) {
                return;
            }
            all.remove();
            octets -= oldest.content().readableBytes();
            oldest.content().release();
        }
    }

    /** Returns the octets kept now. */
    synchronized long octets() {
        expire();
        return octets;
    }

    /** Drops everything. */
    synchronized void close() {
        closed = true;
        kept.values().forEach(each -> each.content().release());
        kept.clear();
        octets = 0;
    }
}
