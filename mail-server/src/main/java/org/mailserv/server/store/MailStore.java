package org.mailserv.server.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.MessageQueue;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.spool.Spool;

/**
 * Everything that a server keeps and that another node may share: spool, mailboxes, and what the relay and the checks of all nodes agree on.
 * Each part is thread-safe and lives as long as the store. Mail is taken after {@link Spool#start}.
 */
public interface MailStore extends AutoCloseable {
    /** Returns the accepted messages that are not settled. */
    Spool spool();

    /** Returns the mailboxes of all local domains. */
    MailboxStore mailboxes();

    /**
     * Returns the way to 250: how this store makes a message durable before it is acknowledged.
     *
     * @param queue gets each message that has recipients left
     * @param notices notifies senders of success
     */
    MessageAcceptor acceptor(MessageQueue queue, SuccessNotices notices);

    /** Returns the right to connect to a host, which all nodes share. */
    Seats seats();

    /** Returns the failures of destinations that another node has seen. */
    DestinationBlocks blocks();

    /** Returns whether this node may still act on the mail that it holds. */
    Lease lease();

    /** Returns the counts behind rate limits and lock-outs. */
    SharedCounts counts();

    /** Returns what other nodes know of clients that come for the second time. */
    GreylistMemory greylist();

    /** Returns the files that all nodes share, or nothing where the files of this machine are the only copy. */
    Optional<SharedFiles> files();

    /**
     * Prepares the mailboxes of a domain that a reload has added. Does not block.
     *
     * @param folder the folder of its mailboxes, or null for the usual one; a store without files ignores it
     */
    void addDomain(String domain, @Nullable Path folder);

    /** Reads every queued message to its end; returns one line for each that cannot be read. Blocks. */
    List<String> checkQueue();

    /**
     * Writes all queued messages into a new folder, in the layout of the queue folder of a store in files. Waits for the queue to be read.
     * Blocks.
     *
     * @return the number of messages
     * @throws IOException also when the store has another way to make backups; the message names it
     */
    int copyQueue(Path folder) throws IOException;

    /** Closes the spool first, then the rest. Blocks. May be called twice. */
    @Override
    void close();
}
