package org.mailserv.server.spool.file;

import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.MailboxFormat;

/**
 * The room reserved at the beginning of a large message's file, so that its body is written only once.
 *
 * @param octets octets before the body
 * @param mailboxFormat whether the file is to become a mailbox file rather than a queue file
 */
record ReservedHeader(int octets, boolean mailboxFormat) {
    // Heads and traces are usually short; otherwise the file is rewritten.
    private static final int HEAD = 8 * 1024;
    private static final int RECIPIENT = 512;

    static ReservedHeader forQueueFile(int recipients) {
        return new ReservedHeader(HEAD + recipients * RECIPIENT, false);
    }

    static ReservedHeader forMailbox(ReversePath sender) {
        return new ReservedHeader(MailboxFormat.room(sender), true);
    }
}
