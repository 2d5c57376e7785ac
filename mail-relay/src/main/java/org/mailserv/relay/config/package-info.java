/**
 * The relay's settings with their defaults and checks (RFC 5321, 4.5.3.2 and 4.5.4.1).
 * These are immutable values: no network access, no threads, and no dependency on the other packages of the relay.
 * Start reading at {@link org.mailserv.relay.config.RelayConfig}.
 */
@NullMarked
package org.mailserv.relay.config;

import org.jspecify.annotations.NullMarked;
