package org.mailserv.server.spool.file;

import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.MailboxForm;

/**
 * What is kept free at the beginning of a large message's file, so that its body is written once.
 *
 * @param octets before the body
 * @param mailboxForm whether the file is to become a mailbox's, else a send file
 */
record HeadRoom(int octets, boolean mailboxForm) {
    // Both heads and traces are short as a rule; where they are not, the file is written again.
    private static final int HEAD = 8 * 1024;
    private static final int RECIPIENT = 512;

    static HeadRoom forSendFile(int recipients) {
        return new HeadRoom(HEAD + recipients * RECIPIENT, false);
    }

    static HeadRoom forMailbox(ReversePath sender) {
        return new HeadRoom(MailboxForm.room(sender), true);
    }
}
