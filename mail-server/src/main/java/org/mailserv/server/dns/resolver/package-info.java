/** The DNS service over Netty's resolver: servers in turn, a cache, CNAMEs. RFC 1035, RFC 2308, RFC 6891. */
@NullMarked
package org.mailserv.server.dns.resolver;

import org.jspecify.annotations.NullMarked;
