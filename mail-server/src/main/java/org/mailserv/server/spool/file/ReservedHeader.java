package org.mailserv.server.spool.file;

import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.MailboxFormat;

/**
 * What is kept free at the beginning of a large message's file, so that its body is written once.
 *
 * @param octets before the body
 * @param mailboxFormat whether the file is to become a mailbox's, else a queue file
 */
record ReservedHeader(int octets, boolean mailboxFormat) {
    // Both heads and traces are short as a rule; where they are not, the file is written again.
    private static final int HEAD = 8 * 1024;
    private static final int RECIPIENT = 512;

    static ReservedHeader forQueueFile(int recipients) {
        return new ReservedHeader(HEAD + recipients * RECIPIENT, false);
    }

    static ReservedHeader forMailbox(ReversePath sender) {
        return new ReservedHeader(MailboxFormat.room(sender), true);
    }
}
