package org.mailserv.server.mailbox;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.spool.StoredMessage;

/** The mailboxes of all local domains. Thread-safe; no method blocks, and every stage completes. */
public interface MailboxStore {
    /**
     * Delivers a message into mailboxes. When the stage completes, POP3 sessions see it in each mailbox whose outcome is a success, and there it
     * is durable, or the spool answers for it. {@code Return-Path} is the first field. RFC 5321, 4.4.
     *
     * @param message stays open until the stage completes; the caller closes it
     * @param mailboxes at least one
     * @return one outcome for each mailbox, in their order; the stage itself does not fail
     */
    CompletionStage<List<DeliveryOutcome>> deliver(StoredMessage message, List<MailboxName> mailboxes);

    /** Returns the octets and messages in a mailbox. A mailbox that does not exist yet is empty. */
    CompletionStage<MailboxUsage> usage(MailboxName mailbox);

    /**
     * Opens a maildrop and locks it. RFC 1939, 4. The stage fails with {@link MaildropException}: {@code IN_USE} while another session has it
     * open. Messages that arrive later are not in it. The caller closes it.
     */
    CompletionStage<Maildrop> open(MailboxName mailbox);
}
