/**
 * Routing: it resolves a domain to the hosts and addresses that accept its mail (RFC 5321, 5; RFC 7505).
 * No connection is opened here, and no message is known; the answers depend only on the configuration and the DNS.
 * Start reading at {@link org.mailserv.relay.route.Router}.
 */
@NullMarked
package org.mailserv.relay.route;

import org.jspecify.annotations.NullMarked;
