package org.mailserv.server.event;

import org.mailserv.server.account.MailboxName;

/**
 * A successful login.
 *
 * @param messages the number of messages in the mailbox; for POP3 only, else 0
 */
public record Login(Protocol protocol, ClientSession client, MailboxName account, int messages) {
    /** The protocol of a login. */
    public enum Protocol {
        SMTP,
        POP3
    }
}
