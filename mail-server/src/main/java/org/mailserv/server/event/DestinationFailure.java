package org.mailserv.server.event;

import java.time.Duration;
import org.mailserv.server.spool.QueueId;

/**
 * The failure of a whole destination, for one message.
 *
 * @param domain the domain, or the next hop of a route
 * @param recipients the number of recipients of the message that it concerns
 * @param age the time since the message arrived
 */
public record DestinationFailure(QueueId id, String domain, String reason, int recipients, Duration age) {}
