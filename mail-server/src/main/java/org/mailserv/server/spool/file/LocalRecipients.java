package org.mailserv.server.spool.file;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;

/** Questions about the local recipients of a message in a given state. */
final class LocalRecipients {
    private LocalRecipients() {}

    /** Returns the mailboxes whose recipients are delivered, each once. */
    static List<MailboxName> deliveredMailboxes(List<Recipient> recipients, MessageState state) {
        Set<MailboxName> delivered = new LinkedHashSet<>();
        for (int i = 0; i < recipients.size(); i++) {
            MailboxName mailbox = recipients.get(i).mailbox();
            if (mailbox != null && state.recipients().get(i).status() == RecipientState.Status.DELIVERED) {
                delivered.add(mailbox);
            }
        }
        return List.copyOf(delivered);
    }

    /** Returns the given recipients if a local one is pending, else null. */
    static @Nullable List<Recipient> ifPending(List<Recipient> recipients, MessageState state) {
        for (int i = 0; i < recipients.size(); i++) {
            if (recipients.get(i).isLocal() && !state.recipients().get(i).isSettled()) {
                return recipients;
            }
        }
        return null;
    }
}
