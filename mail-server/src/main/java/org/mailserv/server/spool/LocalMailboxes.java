package org.mailserv.server.spool;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.mailserv.server.account.MailboxName;

/**
 * What the spool asks of the mailboxes when it stops answering for a message, and after a crash. All methods block; on the spool's own
 * threads.
 */
public interface LocalMailboxes {
    /** A message and the mailboxes that it was published in. */
    record Delivered(QueueId id, List<MailboxName> mailboxes) {
        public Delivered {
            mailboxes = List.copyOf(mailboxes);
        }
    }

    /**
     * Makes deliveries durable, names and contents. What is there no more was deleted or moved by its owner, and so was a whole mailbox
     * where its domain's folder is still there.
     *
     * @return deliveries that the disk would not keep: only written anew they can be trusted
     */
    List<Delivered> sync(Collection<Delivered> deliveries);

    /** Publishes a message again, under the name that it has where it is there already; gives the mailboxes where that failed. */
    Set<MailboxName> redeliver(StoredMessage message, List<MailboxName> mailboxes);

    /** Deletes messages that may be gone already. */
    void delete(MailboxName mailbox, Collection<String> uids) throws IOException;

    /** Makes earlier deletions durable. */
    void syncFolders(Collection<MailboxName> mailboxes) throws IOException;
}
