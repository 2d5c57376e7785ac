package org.mailserv.server.spool.file;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.mailserv.server.spool.SpoolException;

/** A journal entry with a prepared payload. */
abstract class OctetsEntry extends Journal.Entry {
    private final byte[] payload;
    private final CompletableFuture<Void> done;

    /** @param done completed when the record is durable */
    OctetsEntry(byte kind, byte[] payload, CompletableFuture<Void> done) {
        super(kind);
        this.payload = payload;
        this.done = done;
    }

    /** Called when the record is durable, before the future completes. */
    abstract void recorded(Segment segment);

    @Override
    int length() {
        return payload.length;
    }

    @Override
    void writeTo(ByteBuffer target) {
        target.put(payload);
    }

    @Override
    void durable(Segment segment) {
        recorded(segment);
        done.complete(null);
    }

    @Override
    void failed(SpoolException failure) {
        done.completeExceptionally(failure);
    }
}
