/** Sockets without mail: transports, listeners, networks, TLS, bounds on connections. RFC 8446, RFC 4291. */
@NullMarked
package org.mailserv.server.net;

import org.jspecify.annotations.NullMarked;
