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
 * Small messages that were accepted a moment ago and wait for the relay, in memory besides the journal: who opens one takes it, and
 * reads nothing. What is not taken within seconds goes when the next one comes, and where there is no room a new one does not come in: the oldest are asked for
 * first. Any thread.
 */
final class RecentMessages {
    /** Most octets of a message here: larger ones the relay sends from their file. */
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

    /** @param content of the message, with a reference for whoever has this */
    record Kept(Envelope envelope, ByteBuf content, long since) {}

    /** Whether there is room for so many octets now. */
    synchronized boolean hasRoom(long more) {
        expire();
        return !closed && octets + more <= limit;
    }

    /** @param content taken over */
    synchronized void keep(Envelope envelope, ByteBuf content) {
        if (closed || octets + content.readableBytes() > limit || kept.containsKey(envelope.id())) {
            content.release();
            return;
        }
        kept.put(envelope.id(), new Kept(envelope, content, nanoTime.getAsLong()));
        octets += content.readableBytes();
    }

    /** A message, which is not kept any more, or null; its content is the caller's. */
    synchronized @Nullable Kept take(QueueId id) {
        Kept found = kept.remove(id);
        if (found != null) {
            octets -= found.content().readableBytes();
        }
        return found;
    }

    /** A message that nobody will ask for. */
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

    /** Octets that are kept now. */
    synchronized long octets() {
        expire();
        return octets;
    }

    /** Lets everything go. */
    synchronized void close() {
        closed = true;
        kept.values().forEach(each -> each.content().release());
        kept.clear();
        octets = 0;
    }
}
