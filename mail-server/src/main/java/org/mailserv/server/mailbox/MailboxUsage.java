package org.mailserv.server.mailbox;

/** The size of a mailbox. */
public record MailboxUsage(long octets, long messages) {}
