package org.mailserv.server.cluster;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.cluster.table.MailboxTable.MailRow;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.mailbox.MaildropException.Reason;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.text.Failures;

/** A shared mailbox that a session of this node has opened. */
final class ClusterMaildrop implements Maildrop {
    private final ClusterLoop loop;
    private final MaildropLock lock;
    private final BodyReader bodies;
    private final DeletionLists deletions;
    private final String mailbox;
    private final List<MailRow> rows;

    ClusterMaildrop(
            ClusterLoop loop,
            MaildropLock lock,
            BodyReader bodies,
            DeletionLists deletions,
            String mailbox,
            List<MailRow> rows) {
        this.loop = loop;
        this.lock = lock;
        this.bodies = bodies;
        this.deletions = deletions;
        this.mailbox = mailbox;
        this.rows = rows;
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public long octets(int index) {
        return rows.get(index).octets();
    }

    @Override
    public String uid(int index) {
        MailRow row = rows.get(index);
        String uid = row.uid();
        return uid == null ? row.key().id().toString() : uid;
    }

    @Override
    public CompletionStage<MaildropMessage> read(int index) {
        MailRow row = rows.get(index);
        return bodies.openInMailbox(row.body(), row.octets())
                .<MaildropMessage>thenApply(Opened::new)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(exception(failure)));
    }

    static MaildropException exception(Throwable failure) {
        Throwable cause = Repeat.cause(failure);
        if (cause instanceof MaildropException known) {
            return known;
        }
        return cause instanceof BodyReader.NoBodyException
                ? new MaildropException(Reason.NO_SUCH_MESSAGE, Failures.text(cause), cause)
                : new MaildropException(
                        Reason.TEMPORARY, "the shared store does not answer: " + Failures.text(cause), cause);
    }

    private record Opened(MessageContent content) implements MaildropMessage {
        @Override
        public void close() {
            // Nothing is held open.
        }
    }

    @Override
    public CompletionStage<List<MaildropMessage>> readAll(List<Integer> indexes) {
        List<CompletionStage<MaildropMessage>> reads = new ArrayList<>();
        indexes.forEach(index -> reads.add(read(index)));
        return Stages.all(reads).handle((done, failure) -> {
            List<MaildropMessage> messages = new ArrayList<>();
            for (CompletionStage<MaildropMessage> read : reads) {
                CompletableFuture<MaildropMessage> ended = read.toCompletableFuture();
                if (ended.isCompletedExceptionally()) {
                    break;
                }
                messages.add(ended.join());
            }
            return messages;
        });
    }

    @Override
    public CompletionStage<Void> delete(BitSet indexes) {
        List<DeletionLists.Deletion> all = new ArrayList<>();
        indexes.stream().mapToObj(rows::get).forEach(row -> all.add(new DeletionLists.Deletion(row.key(), row.body())));
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> lock.confirm()
                .thenCompose(held -> held
                        ? deletions.delete(mailbox, all)
                        : CompletableFuture.failedFuture(new MaildropException(
                                Reason.TEMPORARY, "the lock of " + mailbox + " is lost; nothing is deleted")))
                .whenComplete((deleted, failure) -> {
                    if (failure == null) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(exception(failure));
                    }
                }));
        return done;
    }

    @Override
    public CompletionStage<Void> lost() {
        return lock.lost();
    }

    @Override
    public void close() {
        loop.execute(lock::release);
    }
}
