package org.mailserv.server.cluster.memory;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.memory.Network.Kind;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.FreshTable;
import org.mailserv.server.cluster.table.MailboxTable;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.spool.QueueId;

final class MemoryMail implements FreshTable {
    private static final int ALL = Integer.MAX_VALUE;

    private final MemoryTables tables;
    private final Network network;
    final BodyTable bodies = new Bodies();
    final MailboxTable mailboxes = new Mailboxes();

    MemoryMail(MemoryTables tables, Network network) {
        this.tables = tables;
        this.network = network;
    }

    private CompletionStage<Void> write(String name, Runnable change) {
        return network.call(Kind.WRITE, name, () -> {
            change.run();
            return null;
        });
    }

    @Override
    public CompletionStage<Void> insertSegment(RunId run, int segment) {
        return write("insertSegment", () -> tables.segments.insert(run, segment, true, MemoryTables.INSERT));
    }

    @Override
    public CompletionStage<List<Integer>> segments(RunId run) {
        return network.call(
                Kind.READ, "segments", () -> tables.segments.list(run, null, ALL, (segment, there) -> segment));
    }

    @Override
    public CompletionStage<Void> insert(RunId run, int segment, FreshRow row) {
        ByteBuffer kept = MemoryTables.copy(row.data());
        return write(
                "insertFresh", () -> tables.fresh.insert(run + " " + segment, row.seq(), kept, MemoryTables.INSERT));
    }

    @Override
    public CompletionStage<List<FreshRow>> rows(RunId run, int segment, int after, int limit) {
        return network.call(
                Kind.READ, "freshRows", () -> tables.fresh.list(run + " " + segment, after, limit, FreshRow::new));
    }

    @Override
    public CompletionStage<Void> deleteRows(RunId run, int segment) {
        return write("deleteFresh", () -> tables.fresh.deletePartition(run + " " + segment, MemoryTables.DELETE));
    }

    @Override
    public CompletionStage<Void> deleteSegment(RunId run, int segment) {
        return write("deleteSegment", () -> tables.segments.delete(run, segment, MemoryTables.DELETE));
    }

    @Override
    public CompletionStage<Void> insertUpload(RunId run, QueueId body) {
        return write("insertUpload", () -> tables.uploads.insert(run, body, true, MemoryTables.INSERT));
    }

    @Override
    public CompletionStage<Void> deleteUpload(RunId run, QueueId body) {
        return write("deleteUpload", () -> tables.uploads.delete(run, body, MemoryTables.DELETE));
    }

    @Override
    public CompletionStage<List<QueueId>> uploads(RunId run) {
        return network.call(Kind.READ, "uploads", () -> tables.uploads.list(run, null, ALL, (body, there) -> body));
    }

    private final class Bodies implements BodyTable {
        @Override
        public CompletionStage<Void> insertPart(QueueId body, int part, ByteBuffer data) {
            ByteBuffer kept = MemoryTables.copy(data);
            return write("insertPart", () -> tables.parts.insert(body, part, kept, MemoryTables.INSERT));
        }

        @Override
        public CompletionStage<Void> commit(
                QueueId body, BodyHead head, @Nullable ByteBuffer first, Collection<String> refs) {
            BodyHead kept = new BodyHead(head.size(), MemoryTables.copy(head.head()));
            ByteBuffer part = first == null ? null : MemoryTables.copy(first);
            List<String> names = List.copyOf(refs);
            return write("commitBody", () -> {
                tables.heads.insert(body, "", kept, MemoryTables.INSERT);
                if (part != null) {
                    tables.parts.insert(body, 0, part, MemoryTables.INSERT);
                }
                names.forEach(ref -> tables.refs.insert(body, ref, true, MemoryTables.INSERT));
            });
        }

        @Override
        public CompletionStage<Void> addRefs(QueueId body, Collection<String> refs) {
            List<String> names = List.copyOf(refs);
            return write(
                    "addRefs", () -> names.forEach(ref -> tables.refs.insert(body, ref, true, MemoryTables.INSERT)));
        }

        @Override
        public CompletionStage<Void> deleteRefs(QueueId body, Collection<String> refs) {
            List<String> names = List.copyOf(refs);
            return write("deleteRefs", () -> names.forEach(ref -> tables.refs.delete(body, ref, MemoryTables.DELETE)));
        }

        @Override
        public CompletionStage<List<String>> refs(QueueId body) {
            return network.call(Kind.READ, "refs", () -> tables.refs.list(body, null, ALL, (ref, there) -> ref));
        }

        @Override
        public CompletionStage<List<BodyHead>> head(QueueId body) {
            return network.call(Kind.READ, "head", () -> tables.heads.list(body, null, ALL, (none, head) -> head));
        }

        @Override
        public CompletionStage<List<ByteBuffer>> part(QueueId body, int part) {
            return network.call(Kind.READ, "part", () -> {
                ByteBuffer data = tables.parts.get(body, part);
                return data == null ? List.of() : List.of(data.duplicate());
            });
        }

        @Override
        public CompletionStage<Void> delete(QueueId body) {
            return write("deleteBody", () -> {
                tables.heads.deletePartition(body, MemoryTables.DELETE);
                tables.parts.deletePartition(body, MemoryTables.DELETE);
            });
        }
    }

    private final class Mailboxes implements MailboxTable {
        @Override
        public CompletionStage<Void> insert(Folder folder, MailRow row) {
            return write("insertMail", () -> tables.mailboxes.insert(folder, row.key(), row, MemoryTables.INSERT));
        }

        @Override
        public CompletionStage<List<MailRow>> rows(Folder folder, @Nullable MailKey after, int limit) {
            return network.call(
                    Kind.READ, "mailRows", () -> tables.mailboxes.list(folder, after, limit, (key, row) -> row));
        }

        @Override
        public CompletionStage<Void> delete(Folder folder, Collection<MailKey> keys) {
            List<MailKey> gone = List.copyOf(keys);
            return write(
                    "deleteMail", () -> gone.forEach(key -> tables.mailboxes.delete(folder, key, MemoryTables.DELETE)));
        }

        @Override
        public CompletionStage<Usage> usage(Folder folder) {
            return network.call(Kind.READ, "usage", () -> {
                List<Long> octets = tables.mailboxes.list(folder, null, ALL, (key, row) -> row.octets());
                return new Usage(octets.stream().mapToLong(Long::longValue).sum(), octets.size());
            });
        }

        @Override
        public CompletionStage<Void> insertDeletion(String mailbox, DeletionPart part) {
            DeletionPart kept = new DeletionPart(part.list(), part.part(), MemoryTables.copy(part.data()));
            return write(
                    "insertDeletion",
                    () -> tables.deletions.insert(
                            mailbox + "\n" + part.list(), part.part(), kept, MemoryTables.INSERT));
        }

        @Override
        public CompletionStage<List<DeletionPart>> deletions(String mailbox) {
            return network.call(
                    Kind.READ,
                    "deletions",
                    () -> tables.deletions.partitions().stream()
                            .filter(list -> list.startsWith(mailbox + "\n"))
                            .flatMap(list -> tables.deletions.list(list, null, ALL, (key, part) -> part).stream())
                            .toList());
        }

        @Override
        public CompletionStage<Void> deleteDeletion(String mailbox, QueueId list) {
            return write(
                    "deleteDeletion",
                    () -> tables.deletions.deletePartition(mailbox + "\n" + list, MemoryTables.DELETE));
        }
    }
}
