package org.mailserv.server.spool;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.mailserv.server.account.MailboxName;

/**
 * The operations on mailboxes that the spool needs when it stops answering for a message, and after a crash. All methods block, on threads
 * of the spool.
 */
public interface LocalMailboxes {
    /** A message and the mailboxes that it was published in. */
    record Delivered(QueueId id, List<MailboxName> mailboxes) {
        public Delivered {
            mailboxes = List.copyOf(mailboxes);
        }
    }

    /**
     * Makes deliveries durable, names and contents. A missing file was deleted or moved by its owner, and so was a whole missing mailbox if
     * its domain's folder still exists.
     *
     * @return deliveries that the disk did not store; they must be written again
     */
    List<Delivered> sync(Collection<Delivered> deliveries);

    /** Publishes a message again, under the same name if it is there already. Returns the mailboxes for which that failed. */
    Set<MailboxName> redeliver(StoredMessage message, List<MailboxName> mailboxes);

    /** Deletes messages, which may be gone already. */
    void delete(MailboxName mailbox, Collection<String> uids) throws IOException;

    /** Makes earlier deletions durable. */
    void syncFolders(Collection<MailboxName> mailboxes) throws IOException;
}
