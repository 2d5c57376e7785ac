package org.mailserv.server.cluster.table;

/**
 * The tables of a cluster. No method blocks, any thread may call them, and every stage completes, on a thread of the engine.
 *
 * <p>There are three kinds of writes, and no table mixes them:
 *
 * <ul>
 *   <li><b>Conditional</b> writes compare and set within one partition. They complete with a {@link Conditional}. The engine must not
 *       repeat one by itself, because the second attempt would see the effect of the first.
 *   <li><b>Logical</b> writes carry a timestamp of ours, never a clock's. Of two writes to a cell the one with the higher timestamp counts, in
 *       whatever order they arrive; at equal timestamps a deletion counts. Most rows are inserted at 1 and deleted at 2, and their keys never
 *       return, so a late insertion of something deleted stays deleted. Every logical write may be repeated.
 *   <li><b>Hints</b> carry the engine's clock and a lifetime. They may be lost.
 * </ul>
 *
 * <p>Logical writes, hints and reads that fail complete with a {@link TablesException}. A logical write whose outcome is unknown may take effect
 * at any later time. Reads see every write that completed before the read began.
 */
public interface SharedTables {
    /** The lives of nodes: who is alive, who was declared dead and who takes over. */
    RunTable runs();

    /** The owner of each shard of the queue. */
    ShardTable shards();

    /** Locks of maildrops, with the mailbox as resource and 0 as number. */
    LeaseTable maildropLocks();

    /** Rights to one connection to one address, with the address as resource and the number of the seat. */
    LeaseTable seats();

    /** Settings that all nodes share. */
    FileTable files();

    /** Mail that a run accepted and works on. */
    FreshTable fresh();

    /** Contents of messages, and the rows that need them. */
    BodyTable bodies();

    /** Messages in mailboxes. */
    MailboxTable mailboxes();

    /** Mail that waits for a later attempt. */
    QueueTable queue();

    /** Knowledge that may be lost. */
    HintTable hints();
}
