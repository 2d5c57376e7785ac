package org.mailserv.server.mailbox;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.spool.StoredMessage;

/** The mailboxes of all local domains. All methods may be called from any thread and none blocks; stages always complete. */
public interface MailboxStore {
    /**
     * Publishes a message in mailboxes: when the stage completes, POP3 sees it in each mailbox that has no failure in the answer.
     * Idempotent by the message's id: what is there already is not written again. Not synced: until its segment retires, the
     * journal answers for the message. Puts {@code Return-Path} first. RFC 5321, 4.4.
     *
     * @param message stays open until the stage completes; the caller closes it
     * @param mailboxes at least one
     * @return one outcome for each mailbox, in their order; the stage itself does not fail
     */
    CompletionStage<List<DeliveryOutcome>> deliver(StoredMessage message, List<MailboxName> mailboxes);

    /** Octets and messages that a mailbox holds; cached, so that it may be a moment old. A missing folder is an empty mailbox. */
    CompletionStage<MailboxUsage> usage(MailboxName mailbox);

    /**
     * Opens a maildrop and locks it. RFC 1939, 4: fails with {@link MaildropException} {@code IN_USE} while another session
     * has it. Messages that arrive later do not show in it. The caller closes it.
     */
    CompletionStage<Maildrop> open(MailboxName mailbox);
}
