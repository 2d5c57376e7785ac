package org.mailserv.server.spool;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.server.account.MailboxName;

/**
 * A recipient of a message, after aliases have been followed.
 *
 * @param address the destination address
 * @param mailbox the local mailbox, or null if the message goes to another server
 * @param original the address of the RCPT command if an alias led here, else null
 * @param originalRecipient the ORCPT parameter as received ({@code rfc822;...}), or null. RFC 3461, 4.2
 * @param notifyOn the events of which the sender wants to be notified; null if not given, which means FAILURE (and DELAY). RFC 3461, 4.1
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

    /** Returns whether the sender wants to be notified of an event; without NOTIFY, of failure and delay. */
    public boolean wants(Notify event) {
        return notifyOn == null ? event != Notify.SUCCESS : notifyOn.contains(event);
    }
}
