/** From a domain to the hosts and addresses that take its mail. RFC 5321, 5; RFC 7505. */
@NullMarked
package org.mailserv.relay.route;

import org.jspecify.annotations.NullMarked;
