/**
 * The asynchronous DNS service used by all parts of the server. RFC 1035, RFC 2181, RFC 7505. Callers see this
 * package only; the implementation is in {@code dns.resolver}. Start with {@link org.mailserv.server.dns.Dns} and
 * {@link org.mailserv.server.dns.DnsAnswer}.
 */
@NullMarked
package org.mailserv.server.dns;

import org.jspecify.annotations.NullMarked;
