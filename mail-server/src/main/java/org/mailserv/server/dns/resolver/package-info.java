/**
 * The DNS service on top of Netty's DNS client: server failover, a cache, and CNAMEs. RFC 1035, RFC 2308, RFC 6891.
 * Only the assembly of the server may use this package; all others use {@code server.dns}. Start with {@link
 * org.mailserv.server.dns.resolver.NettyDns}.
 */
@NullMarked
package org.mailserv.server.dns.resolver;

import org.jspecify.annotations.NullMarked;
