package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.cluster.table.MailboxTable;
import org.mailserv.server.cluster.table.MailboxTable.Folder;
import org.mailserv.server.cluster.table.MailboxTable.MailKey;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MailboxFormat;
import org.mailserv.server.spool.QueueId;

/**
 * Delivers messages into shared mailboxes. The key of a delivery is made of the message's id and arrival, so that a second delivery changes
 * nothing, whoever makes it, and brings nothing back that was deleted meanwhile.
 */
final class MailboxWriter {
    private static final String JUNK = "Junk";

    private final SharedTables tables;
    private final Bodies bodies;

    MailboxWriter(SharedTables tables) {
        this.tables = tables;
        this.bodies = new Bodies(tables.bodies());
    }

    /**
     * The content of a message to be delivered.
     *
     * @param octets the content, if it is in memory; null if the message's body is in the tables, with a reference of the caller
     * @param size octets of the content
     * @param missingEnd octets that the content lacks at its end for a complete line
     */
    record Content(@Nullable ByteBuffer octets, long size, int missingEnd) {
        static Content of(ByteBuffer octets) {
            byte[] last = new byte[Math.min(2, octets.remaining())];
            octets.duplicate().position(octets.limit() - last.length).get(last);
            return new Content(octets, octets.remaining(), MailboxFormat.missingEnd(last).length);
        }
    }

    /**
     * Delivers a message.
     *
     * @param body the id of the body: that of the tables, or the one to be made from the content
     * @return completes with the failure of each mailbox, in their order, or null for success; it does not fail
     */
    CompletionStage<List<@Nullable Throwable>> deliver(
            Envelope envelope, Content content, QueueId body, List<MailboxName> mailboxes) {
        List<Folder> folders = mailboxes.stream()
                .map(mailbox -> new Folder(mailbox.toString(), envelope.junk() ? JUNK : ""))
                .toList();
        MailKey key = new MailKey(envelope.arrival().time().toEpochMilli(), envelope.id());
        List<String> refs = folders.stream().map(folder -> ref(folder, key)).toList();
        byte[] returnPath = MailboxFormat.returnPath(envelope.sender());
        ByteBuffer octets = content.octets;
        CompletionStage<Void> stored = octets == null
                ? tables.bodies().addRefs(body, refs)
                : bodies.store(body, Bodies.head(returnPath, ByteBuffer.allocate(0), content.size), octets, refs);
        MailboxTable.MailRow row =
                new MailboxTable.MailRow(key, returnPath.length + content.size + content.missingEnd, body, null);
        return stored.handle((done, failure) -> failure).thenCompose(failure -> insert(folders, row, failure));
    }

    private CompletionStage<List<@Nullable Throwable>> insert(
            List<Folder> folders, MailboxTable.MailRow row, @Nullable Throwable failure) {
        List<@Nullable Throwable> outcomes = new ArrayList<>();
        List<CompletionStage<?>> inserts = new ArrayList<>();
        for (int i = 0; i < folders.size(); i++) {
            int index = i;
            outcomes.add(failure);
            if (failure == null) {
                inserts.add(tables.mailboxes().insert(folders.get(i), row).handle((done, late) -> {
                    synchronized (outcomes) {
                        return outcomes.set(index, late);
                    }
                }));
            }
        }
        return Stages.all(inserts).thenApply(done -> outcomes);
    }

    /** Returns the reference of a message in a folder. */
    static String ref(Folder folder, MailKey key) {
        return "mailbox/" + folder.mailbox() + "/" + folder.folder() + "/" + key.id();
    }
}
