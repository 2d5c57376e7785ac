package org.mailserv.server.account;

import java.util.List;
import org.mailserv.codec.address.Address;

/** What is known of an address of a local domain. */
public sealed interface Resolution {
    /** It goes to these, at least one in all. */
    record Found(List<MailboxName> mailboxes, List<Address> forwards) implements Resolution {
        public Found {
            mailboxes = List.copyOf(mailboxes);
            forwards = List.copyOf(forwards);
        }
    }

    /** There is no such mailbox: 550 5.1.1. */
    record Unknown() implements Resolution {}

    /** It cannot be told now: 451 4.3.0. */
    record Unavailable(String reason) implements Resolution {}
}
