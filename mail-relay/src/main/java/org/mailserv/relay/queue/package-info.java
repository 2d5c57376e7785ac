/**
 * The delivery queue: it decides which message is tried when, and over which connection (RFC 5321, 4.5.4).
 * SMTP commands and DNS lookups do not belong here, and all state is confined to the relay's event loop.
 * Start reading at {@link org.mailserv.relay.queue.Relay}, then {@code QueueManager} and {@code Dispatcher}.
 */
@NullMarked
package org.mailserv.relay.queue;

import org.jspecify.annotations.NullMarked;
