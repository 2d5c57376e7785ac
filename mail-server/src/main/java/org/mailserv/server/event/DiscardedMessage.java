package org.mailserv.server.event;

import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.QueueId;

/**
 * A message that a filter had discarded.
 *
 * @param id the queue id that the positive reply named
 */
public record DiscardedMessage(ClientSession client, QueueId id, ReversePath sender) {}
