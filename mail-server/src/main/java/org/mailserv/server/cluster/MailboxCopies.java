package org.mailserv.server.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.MailboxTable.Folder;
import org.mailserv.server.cluster.table.MailboxTable.MailKey;
import org.mailserv.server.cluster.table.MailboxTable.MailRow;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.store.StoreStages;

/**
 * The messages of shared mailboxes one by one, with their unique ids and times, for a copy from files or to files. Adding a message again
 * changes nothing. All methods block.
 */
public final class MailboxCopies {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PAGE = 2000;

    private final SharedTables tables;
    private final BodyReader bodies;

    /** @param tables of all nodes */
    public MailboxCopies(SharedTables tables) {
        this.tables = tables;
        this.bodies = new BodyReader(tables.bodies(), BodyTable.PART);
    }

    /**
     * A message of a mailbox.
     *
     * @param arrived microseconds since 1970
     * @param uid the unique id of POP3
     * @param octets of the content, Return-Path included
     */
    public record Entry(QueueId id, long arrived, String uid, long octets, QueueId body) {}

    /** Returns the messages of a folder, oldest first. */
    public List<Entry> list(MailboxName mailbox, String folder) throws IOException {
        Folder place = new Folder(mailbox.toString(), folder);
        List<Entry> all = new ArrayList<>();
        MailKey after = null;
        List<MailRow> page;
        do {
            page = StoreStages.await(tables.mailboxes().rows(place, after, PAGE), PATIENCE);
            for (MailRow row : page) {
                QueueId id = row.key().id();
                String uid = row.uid();
                all.add(new Entry(
                        id, row.key().arrived(), uid == null ? id.toString() : uid, row.octets(), row.body()));
                after = row.key();
            }
        } while (page.size() == PAGE);
        return all;
    }

    /**
     * Adds a message.
     *
     * @param id the message; the same in every attempt
     * @param arrived microseconds since 1970
     * @param uid its unique id, or null if that is the id
     * @param content with CRLF line ends, Return-Path included
     */
    public void add(
            MailboxName mailbox, String folder, QueueId id, long arrived, @Nullable String uid, InputStream content)
            throws IOException {
        Folder place = new Folder(mailbox.toString(), folder);
        MailKey key = new MailKey(arrived, id);
        QueueId body = QueueGroups.derived(id, "\ncopied " + mailbox + "/" + folder);
        long size = 0;
        int part = 0;
        for (byte[] octets = content.readNBytes(BodyTable.PART);
                octets.length > 0;
                octets = content.readNBytes(BodyTable.PART)) {
            StoreStages.await(tables.bodies().insertPart(body, part++, ByteBuffer.wrap(octets)), PATIENCE);
            size += octets.length;
        }
        BodyTable.BodyHead head = Bodies.head(new byte[0], ByteBuffer.allocate(0), size);
        StoreStages.await(tables.bodies().commit(body, head, null, List.of(MailboxWriter.ref(place, key))), PATIENCE);
        StoreStages.await(tables.mailboxes().insert(place, new MailRow(key, size, body, uid)), PATIENCE);
    }

    /** Writes the content of a message to a channel. */
    public void read(Entry entry, WritableByteChannel target) throws IOException {
        StoreStages.await(bodies.openInMailbox(entry.body(), entry.octets()), PATIENCE)
                .writeTo(ByteBuffer.allocate(0), target);
    }

    /** Returns the id that a message gets whose name is none of this server's ids; the same for the same name. */
    public static QueueId idOf(MailboxName mailbox, String folder, String name) {
        return QueueGroups.derived(new QueueId(0, (short) 0), mailbox + "/" + folder + "/" + name);
    }
}
