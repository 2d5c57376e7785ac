package org.mailserv.server.mailbox.maildir;

import java.util.Collection;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.account.MailboxName;

/** Records deletions before the first file is deleted, so that all or none of a session's deletions survive a crash. */
public interface DeletionLog {
    /** Returns a stage that completes when the record is durable. */
    CompletionStage<Void> recordDeletions(MailboxName mailbox, Collection<String> uids);
}
