package org.mailserv.server.event;

import org.mailserv.server.spool.QueueId;

/**
 * A message that could not be stored.
 *
 * @param cause the failure of the spool
 */
public record UnstoredMessage(ClientSession client, QueueId id, Throwable cause) {}
