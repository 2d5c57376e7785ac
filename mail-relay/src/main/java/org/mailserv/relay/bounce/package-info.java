/**
 * Delivery status notifications: they tell senders what became of their messages (RFC 3461, RFC 3464, RFC 6522).
 * Scheduling and connections stay outside; a notice is accepted through the same path as any other local message.
 * Start reading at {@link org.mailserv.relay.bounce.Bouncer}, then {@code NoticeText}.
 */
@NullMarked
package org.mailserv.relay.bounce;

import org.jspecify.annotations.NullMarked;
