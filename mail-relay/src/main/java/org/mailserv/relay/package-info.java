/**
 * The outbound relay: it takes messages from the spool and delivers them to other servers (RFC 5321, 5).
 * No code that receives mail from clients belongs here, and nothing in this module may be used by {@code mail-server}.
 * Start reading at {@link org.mailserv.relay.queue.Relay}, which assembles the packages below.
 */
@NullMarked
package org.mailserv.relay;

import org.jspecify.annotations.NullMarked;
