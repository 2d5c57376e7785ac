package org.mailserv.server.mailbox;

/** What a mailbox holds. */
public record MailboxUsage(long octets, long messages) {}
