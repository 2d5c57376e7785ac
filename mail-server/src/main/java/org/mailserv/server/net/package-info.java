/**
 * Network transport without mail semantics: event loops, listeners' limits, client addresses, the PROXY protocol and
 * the list of open sessions. RFC 4291, RFC 4632. Protocol commands, accounts and configuration binding may not enter.
 * Start with {@link org.mailserv.server.net.EventLoops} and {@link org.mailserv.server.net.ClientAddress}.
 */
@NullMarked
package org.mailserv.server.net;

import org.jspecify.annotations.NullMarked;
