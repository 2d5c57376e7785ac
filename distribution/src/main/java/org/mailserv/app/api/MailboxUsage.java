package org.mailserv.app.api;

/** A mailbox with its size. */
public record MailboxUsage(String mailbox, long messages, long octets) implements DomainItem {
    @Override
    public String ofDomain() {
        return OwnDomain.of(mailbox);
    }
}
