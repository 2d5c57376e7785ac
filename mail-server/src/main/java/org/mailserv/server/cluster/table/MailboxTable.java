package org.mailserv.server.cluster.table;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.QueueId;

/** The tables {@code mailbox} and {@code deletion} (logical: insert 1, delete 2). */
public interface MailboxTable {
    /**
     * A folder of a mailbox.
     *
     * @param mailbox {@code local@domain}
     * @param folder the name of the folder; empty for the inbox
     */
    record Folder(String mailbox, String folder) {}

    /**
     * The key of a message within its folder. The order is the order of arrival.
     *
     * @param arrived microseconds since 1970
     * @param id the message
     */
    record MailKey(long arrived, QueueId id) implements Comparable<MailKey> {
        @Override
        public int compareTo(MailKey other) {
            int order = Long.compare(arrived, other.arrived);
            return order != 0 ? order : id.toString().compareTo(other.id.toString());
        }
    }

    /**
     * A message in a folder.
     *
     * @param key its place
     * @param octets the octets as sent, including Return-Path
     * @param body the body
     * @param uid the unique id of POP3, or null if it is the message's id
     */
    record MailRow(
            MailKey key,
            long octets,
            QueueId body,
            @Nullable String uid) {}

    /** The octets and messages of a folder. */
    record Usage(long octets, long messages) {}

    /**
     * A part of a list of messages to be deleted.
     *
     * @param list the list
     * @param part from 0
     * @param data the octets, {@link BodyTable#PART} at most
     */
    record DeletionPart(QueueId list, int part, ByteBuffer data) {}

    /** Inserts a message. */
    CompletionStage<Void> insert(Folder folder, MailRow row);

    /**
     * Reads messages, in the order of their keys.
     *
     * @param after only messages after this key; null for all
     * @param limit messages at most
     */
    CompletionStage<List<MailRow>> rows(Folder folder, @Nullable MailKey after, int limit);

    /** Deletes messages in one mutation: all or none. */
    CompletionStage<Void> delete(Folder folder, Collection<MailKey> keys);

    /** Counts a folder. */
    CompletionStage<Usage> usage(Folder folder);

    /** Inserts a part of a list of deletions. */
    CompletionStage<Void> insertDeletion(String mailbox, DeletionPart part);

    /** Reads all parts of all lists of a mailbox, in any order. */
    CompletionStage<List<DeletionPart>> deletions(String mailbox);

    /** Deletes a list. */
    CompletionStage<Void> deleteDeletion(String mailbox, QueueId list);
}
