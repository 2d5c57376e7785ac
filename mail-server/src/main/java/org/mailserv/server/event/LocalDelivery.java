package org.mailserv.server.event;

import java.time.Duration;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.spool.QueueId;

/**
 * A message that was written to a mailbox.
 *
 * @param attempt the time that the delivery took
 * @param age the time since the message arrived
 */
public record LocalDelivery(QueueId id, MailboxName mailbox, Duration attempt, Duration age) {}
