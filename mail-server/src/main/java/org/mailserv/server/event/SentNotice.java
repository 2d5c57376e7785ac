package org.mailserv.server.event;

import org.mailserv.codec.address.Address;
import org.mailserv.server.spool.QueueId;

/**
 * A notice about a message, stored for its sender.
 *
 * @param id the queue id of the notice
 * @param about the queue id of the message
 */
public record SentNotice(Kind kind, QueueId id, QueueId about, Address to) {
    /** The kinds of notices. RFC 3464, 2.3.3. */
    public enum Kind {
        FAILED,
        DELAYED,
        DELIVERED,
        RELAYED,
        EXPANDED
    }
}
