package org.mailserv.server.account;

import java.util.List;
import org.mailserv.codec.address.Address;

/** The result of resolving an address of a local domain. */
public sealed interface Resolution {
    /** The address is delivered to these destinations, at least one in total. */
    record Found(List<MailboxName> mailboxes, List<Address> forwards) implements Resolution {
        public Found {
            mailboxes = List.copyOf(mailboxes);
            forwards = List.copyOf(forwards);
        }
    }

    /** The mailbox does not exist: 550 5.1.1. */
    record Unknown() implements Resolution {}

    /** The look-up failed temporarily: 451 4.3.0. */
    record Unavailable(String reason) implements Resolution {}
}
