package org.mailserv.server.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.MailboxTable;
import org.mailserv.server.cluster.table.MailboxTable.Folder;
import org.mailserv.server.cluster.table.MailboxTable.MailKey;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.mailbox.FinalDelivery;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MailboxFormat;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SealedIds;

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
     * @param place tells what is to be written
     * @param octets the content, if it is in memory
     * @param size octets of the content
     * @param missingEnd octets that the content lacks at its end for a complete line
     */
    record Content(Place place, @Nullable ByteBuffer octets, long size, int missingEnd) {
        /** Places where the content is. */
        enum Place {
            MEMORY,
            /** In parts that have no head yet. */
            PARTS,
            /** In a body, to which the caller has a reference. */
            BODY
        }

        /** Returns content in memory, without Return-Path fields that came with it. */
        static Content of(ByteBuffer octets) {
            ByteBuffer clean = withoutReturnPath(octets);
            byte[] last = new byte[Math.min(2, clean.remaining())];
            clean.duplicate().position(clean.limit() - last.length).get(last);
            return new Content(Place.MEMORY, clean, clean.remaining(), MailboxFormat.missingEnd(last).length);
        }

        private static ByteBuffer withoutReturnPath(ByteBuffer octets) {
            try {
                FinalDelivery form = FinalDelivery.of(new OctetsContent(octets));
                if (form.isWhole()) {
                    return octets;
                }
                ByteArrayOutputStream clean = new ByteArrayOutputStream(octets.remaining());
                form.writeContent(Channels.newChannel(clean));
                return ByteBuffer.wrap(clean.toByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Delivers a message.
     *
     * @param body the id of the body: that of the tables, or the one to be made; the same in every delivery of the message
     * @return completes with the failure of each mailbox, in their order, or null for success; it does not fail
     */
    CompletionStage<List<@Nullable Throwable>> deliver(
            Envelope envelope, Content content, QueueId body, List<MailboxName> mailboxes) {
        List<Folder> folders = mailboxes.stream()
                .map(mailbox -> new Folder(mailbox.toString(), envelope.junk() ? JUNK : ""))
                .toList();
        MailKey key = new MailKey(SealedIds.micros(envelope.arrival().time()), envelope.id());
        List<String> refs = folders.stream().map(folder -> ref(folder, key)).toList();
        byte[] returnPath = MailboxFormat.returnPath(envelope.sender());
        BodyTable.BodyHead head = Bodies.head(returnPath, ByteBuffer.allocate(0), content.size);
        CompletionStage<Void> stored = switch (content.place) {
            case MEMORY -> bodies.store(body, head, Objects.requireNonNull(content.octets), refs);
            case PARTS -> tables.bodies().commit(body, head, null, refs);
            case BODY -> tables.bodies().addRefs(body, refs);
        };
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
