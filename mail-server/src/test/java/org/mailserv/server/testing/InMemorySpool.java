package org.mailserv.server.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;

/** A spool without a disk, whose stages complete on an executor of the test's choice, and which fails when it is told to. */
public final class InMemorySpool implements Spool {
    private final Map<QueueId, Stored> messages = new LinkedHashMap<>();
    private final Executor executor;
    private volatile boolean writable = true;
    private volatile SpoolException.Reason failure;

    public InMemorySpool(Executor executor) {
        this.executor = executor;
    }

    /** From now on commits fail. */
    public void failWith(SpoolException.Reason reason) {
        failure = reason;
    }

    public void setWritable(boolean now) {
        writable = now;
    }

    /** All that was committed, in order. */
    public synchronized List<Stored> messages() {
        return List.copyOf(messages.values());
    }

    /** A committed message. */
    public record Stored(Envelope envelope, byte[] octets, MessageState state)
            implements StoredMessage, MessageContent {
        public String text() {
            return new String(octets, StandardCharsets.ISO_8859_1);
        }

        @Override
        public MessageContent content() {
            return this;
        }

        @Override
        public long length() {
            return octets.length;
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            int length = (int) Math.min(count, octets.length - position);
            return target.write(ByteBuffer.wrap(octets, (int) position, length));
        }

        @Override
        public FileRegion region(long position, long count) {
            return new Region(octets, position, Math.min(count, octets.length - position));
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    /** A part of an array, in place of a file's. */
    private static final class Region extends AbstractReferenceCounted implements FileRegion {
        private final byte[] octets;
        private final long position;
        private final long count;
        private long transferred;

        Region(byte[] octets, long position, long count) {
            this.octets = octets;
            this.position = position;
            this.count = count;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public long count() {
            return count;
        }

        @Override
        @SuppressWarnings("deprecation")
        public long transfered() {
            return transferred;
        }

        @Override
        public long transferred() {
            return transferred;
        }

        @Override
        public long transferTo(WritableByteChannel target, long from) throws IOException {
            int written = target.write(ByteBuffer.wrap(octets, (int) (position + from), (int) (count - from)));
            transferred += written;
            return written;
        }

        @Override
        public FileRegion retain() {
            super.retain();
            return this;
        }

        @Override
        public FileRegion retain(int increment) {
            super.retain(increment);
            return this;
        }

        @Override
        public FileRegion touch() {
            return this;
        }

        @Override
        public FileRegion touch(Object hint) {
            return this;
        }

        @Override
        protected void deallocate() {
            // Nothing is held.
        }
    }

    @Override
    public MessageWriter newMessage(int recipients) {
        return new Writer(QueueId.random());
    }

    private final class Writer implements MessageWriter {
        private final QueueId id;
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();

        Writer(QueueId id) {
            this.id = id;
        }

        @Override
        public QueueId id() {
            return id;
        }

        @Override
        public long length() {
            return octets.size();
        }

        @Override
        public CompletionStage<Void> append(ByteBuf piece) {
            octets.writeBytes(ByteBufUtil.getBytes(piece));
            piece.release();
            CompletableFuture<Void> done = new CompletableFuture<>();
            executor.execute(() -> done.complete(null));
            return done;
        }

        @Override
        public CompletionStage<StoredMessage> commit(Envelope envelope, ByteBuf trace) {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            whole.writeBytes(ByteBufUtil.getBytes(trace));
            trace.release();
            whole.writeBytes(octets.toByteArray());
            CompletableFuture<StoredMessage> done = new CompletableFuture<>();
            executor.execute(() -> {
                if (failure != null) {
                    done.completeExceptionally(new SpoolException(failure, "as told"));
                    return;
                }
                Stored stored = new Stored(envelope, whole.toByteArray(), MessageState.initial(envelope));
                synchronized (InMemorySpool.this) {
                    messages.put(id, stored);
                }
                done.complete(stored);
            });
            return done;
        }

        @Override
        public void abort() {
            octets.reset();
        }
    }

    @Override
    public void start(QueueListener queue) {
        // Nothing survives.
    }

    @Override
    public CompletionStage<Void> queueRead() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletionStage<StoredMessage> open(QueueId id) {
        Stored stored = messages.get(id);
        return stored == null
                ? CompletableFuture.failedFuture(new SpoolException(SpoolException.Reason.NOT_FOUND, "no " + id))
                : CompletableFuture.completedFuture(stored);
    }

    @Override
    public synchronized CompletionStage<Void> update(QueueId id, MessageState state) {
        noteDelivered(id, state);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized void noteDelivered(QueueId id, MessageState state) {
        Stored stored = messages.get(id);
        if (stored != null) {
            messages.put(id, new Stored(stored.envelope(), stored.octets(), state));
        }
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
