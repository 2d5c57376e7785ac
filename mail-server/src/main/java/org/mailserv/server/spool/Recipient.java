package org.mailserv.server.spool;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.server.account.MailboxName;

/**
 * One recipient of a message, after aliases have been followed.
 *
 * @param address where the message goes
 * @param mailbox the local mailbox that it goes to, or null when it goes to another server
 * @param original the address of the RCPT command when an alias led here, else null
 * @param originalRecipient the ORCPT parameter as it was received ({@code rfc822;...}), or null. RFC 3461, 4.2
 * @param notifyOn when the sender wants to hear; null when the client said nothing, which means FAILURE (and DELAY). RFC 3461, 4.1
 */
public record Recipient(
        Address address,
        @Nullable MailboxName mailbox,
        @Nullable Address original,
        @Nullable String originalRecipient,
        @Nullable Set<Notify> notifyOn) {

    public Recipient {
        notifyOn = notifyOn == null ? null : Set.copyOf(notifyOn);
    }

    public static Recipient local(Address address, MailboxName mailbox) {
        return new Recipient(address, mailbox, null, null, null);
    }

    public static Recipient remote(Address address) {
        return new Recipient(address, null, null, null, null);
    }

    public boolean isLocal() {
        return mailbox != null;
    }

    /** Whether the sender wants to hear of the given event; without NOTIFY: of failure and delay. */
    public boolean wants(Notify event) {
        return notifyOn == null ? event != Notify.SUCCESS : notifyOn.contains(event);
    }
}
