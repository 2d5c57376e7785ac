package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.BodyTable.BodyHead;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.QueueId;

/** Opens bodies: small ones are read into memory, large ones while they are sent. */
final class BodyReader {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();
    private static final byte[] CRLF = {'\r', '\n'};

    private final BodyTable table;
    private final long inline;

    /** @param inline octets of the largest body that is read into memory */
    BodyReader(BodyTable table, long inline) {
        this.table = table;
        this.inline = inline;
    }

    /**
     * A body that was opened.
     *
     * @param content without Return-Path
     * @param shareable whether mailboxes may refer to this body
     */
    record Opened(MessageContent content, boolean shareable) {}

    /** Opens a body as the relay sends it. The stage fails with {@link NoBodyException} if there is none. */
    CompletionStage<Opened> open(QueueId body) {
        return head(body)
                .thenCompose(head -> content(body, head.size(), Bodies.trace(head), NOTHING)
                        .thenApply(content ->
                                new Opened(content, Bodies.returnPath(head).hasRemaining())));
    }

    /**
     * Opens a body as a mailbox has it, with Return-Path.
     *
     * @param octets of the message in its mailbox, which may have a line end more than the body
     */
    CompletionStage<MessageContent> openInMailbox(QueueId body, long octets) {
        return head(body).thenCompose(head -> {
            ByteBuffer returnPath = Bodies.returnPath(head);
            ByteBuffer trace = Bodies.trace(head);
            ByteBuffer before = ByteBuffer.allocate(returnPath.remaining() + trace.remaining())
                    .put(returnPath)
                    .put(trace)
                    .flip();
            long missing = octets - before.remaining() - head.size();
            if (missing < 0 || missing > CRLF.length) {
                return CompletableFuture.failedFuture(
                        new NoBodyException(body + " has another size than its mailbox says"));
            }
            ByteBuffer after = ByteBuffer.wrap(CRLF, CRLF.length - (int) missing, (int) missing);
            return content(body, head.size(), before, after.slice());
        });
    }

    private CompletionStage<BodyHead> head(QueueId body) {
        return table.head(body)
                .thenCompose(found -> found.isEmpty()
                        ? CompletableFuture.failedFuture(new NoBodyException("body " + body + " is missing"))
                        : Stages.done(found.get(0)));
    }

    private CompletionStage<MessageContent> content(QueueId body, long size, ByteBuffer before, ByteBuffer after) {
        if (before.remaining() + size + after.remaining() > inline) {
            return Stages.done(new BodyContent(table, body, before, size, after));
        }
        List<CompletionStage<List<ByteBuffer>>> reads = new ArrayList<>();
        for (int part = 0; (long) part * BodyTable.PART < size; part++) {
            reads.add(table.part(body, part));
        }
        return Stages.all(reads).thenCompose(done -> {
            ByteBuffer whole = ByteBuffer.allocate((int) (before.remaining() + size + after.remaining()));
            whole.put(before.duplicate());
            for (CompletionStage<List<ByteBuffer>> read : reads) {
                read.toCompletableFuture().join().stream()
                        .filter(part -> part.remaining() <= whole.remaining())
                        .forEach(part -> whole.put(part.duplicate()));
            }
            if (whole.remaining() != after.remaining()) {
                return CompletableFuture.failedFuture(new NoBodyException("body " + body + " is incomplete"));
            }
            return Stages.done(new OctetsContent(whole.put(after).flip().asReadOnlyBuffer()));
        });
    }

    /** Thrown when a body is not there, or not as a whole. */
    static final class NoBodyException extends Exception {
        private static final long serialVersionUID = 1;

        NoBodyException(String message) {
            super(message);
        }
    }
}
