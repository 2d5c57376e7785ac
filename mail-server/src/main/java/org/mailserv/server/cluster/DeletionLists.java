package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.MailboxTable;
import org.mailserv.server.cluster.table.MailboxTable.DeletionPart;
import org.mailserv.server.cluster.table.MailboxTable.Folder;
import org.mailserv.server.cluster.table.MailboxTable.MailKey;
import org.mailserv.server.spool.QueueId;

/**
 * Deletions of the messages of a session: all or none. Few are one mutation of the engine. Many are stored as a list first; whoever opens the
 * mailbox next finishes a list that is complete, and drops one that is not.
 *
 * <p>A list is text, a line for each message: arrival, id and body. Its first line is the number of those that follow.
 */
final class DeletionLists {
    /** Deletions of one mutation at most. */
    private static final int TOGETHER = 500;

    private final MailboxTable table;
    private final Bodies bodies;

    DeletionLists(MailboxTable table, BodyTable bodies) {
        this.table = table;
        this.bodies = new Bodies(bodies);
    }

    /** A message to delete. */
    record Deletion(MailKey key, QueueId body) {}

    /** Deletes messages of the inbox of a mailbox. */
    CompletionStage<Void> delete(String mailbox, List<Deletion> deletions) {
        Folder folder = new Folder(mailbox, "");
        if (deletions.size() <= TOGETHER) {
            return deleteRows(folder, deletions);
        }
        QueueId list = QueueId.random();
        return store(mailbox, list, deletions)
                .thenCompose(stored -> apply(folder, deletions, 0))
                .thenCompose(deleted -> table.deleteDeletion(mailbox, list));
    }

    /** Finishes what an earlier session left. */
    CompletionStage<Void> finish(String mailbox) {
        return table.deletions(mailbox).thenCompose(parts -> {
            Map<QueueId, List<DeletionPart>> lists = new TreeMap<>();
            parts.forEach(part -> lists.computeIfAbsent(part.list(), made -> new ArrayList<>())
                    .add(part));
            CompletionStage<Void> done = Stages.done();
            for (Map.Entry<QueueId, List<DeletionPart>> list : lists.entrySet()) {
                done = done.thenCompose(before -> apply(new Folder(mailbox, ""), read(list.getValue()), 0))
                        .thenCompose(deleted -> table.deleteDeletion(mailbox, list.getKey()));
            }
            return done;
        });
    }

    private CompletionStage<Void> store(String mailbox, QueueId list, List<Deletion> deletions) {
        StringBuilder text = new StringBuilder().append(deletions.size()).append('\n');
        deletions.forEach(one -> text.append(one.key().arrived())
                .append(' ')
                .append(one.key().id())
                .append(' ')
                .append(one.body())
                .append('\n'));
        byte[] octets = text.toString().getBytes(StandardCharsets.US_ASCII);
        List<CompletionStage<Void>> writes = new ArrayList<>();
        for (int at = 0; at < octets.length; at += BodyTable.PART) {
            ByteBuffer part = ByteBuffer.wrap(octets, at, Math.min(BodyTable.PART, octets.length - at));
            writes.add(table.insertDeletion(mailbox, new DeletionPart(list, at / BodyTable.PART, part.slice())));
        }
        return Stages.all(writes);
    }

    /** Returns the messages of a list, or none if it is not complete. */
    private static List<Deletion> read(List<DeletionPart> parts) {
        StringBuilder text = new StringBuilder();
        parts.stream()
                .sorted(Comparator.comparingInt(DeletionPart::part))
                .forEach(part ->
                        text.append(StandardCharsets.US_ASCII.decode(part.data().duplicate())));
        String[] lines = text.toString().split("\n", -1);
        // The text behind the last line end is empty, unless the end of the list is missing.
        boolean whole = lines[0].matches("[0-9]{1,9}")
                && lines.length == Integer.parseInt(lines[0]) + 2
                && lines[lines.length - 1].isEmpty();
        List<Deletion> deletions = new ArrayList<>();
        for (int i = 1; whole && i < lines.length - 1; i++) {
            String[] words = lines[i].split(" ", -1);
            MailKey key = new MailKey(Long.parseLong(words[0]), QueueId.parse(words[1]));
            deletions.add(new Deletion(key, QueueId.parse(words[2])));
        }
        return deletions;
    }

    private CompletionStage<Void> apply(Folder folder, List<Deletion> deletions, int from) {
        if (from >= deletions.size()) {
            return Stages.done();
        }
        int to = Math.min(deletions.size(), from + TOGETHER);
        return deleteRows(folder, deletions.subList(from, to)).thenCompose(done -> apply(folder, deletions, to));
    }

    private CompletionStage<Void> deleteRows(Folder folder, List<Deletion> deletions) {
        return table.delete(folder, deletions.stream().map(Deletion::key).toList())
                // Nobody waits for the bodies: what is left of one takes room and nothing else.
                .thenRun(() -> release(folder, deletions, 0));
    }

    private void release(Folder folder, List<Deletion> deletions, int index) {
        if (index < deletions.size()) {
            Deletion one = deletions.get(index);
            bodies.release(one.body(), MailboxWriter.ref(folder, one.key()))
                    .whenComplete((done, failure) -> release(folder, deletions, index + 1));
        }
    }
}
