/**
 * Dynamic updates of DNS zones, signed by TSIG. RFC 2136, RFC 8945.
 * Nothing here knows about certificates, and lookups for mail belong to the server's resolver.
 * Start reading at {@link org.mailserv.acme.dns.DnsUpdateClient}.
 */
@NullMarked
package org.mailserv.acme.dns;

import org.jspecify.annotations.NullMarked;
