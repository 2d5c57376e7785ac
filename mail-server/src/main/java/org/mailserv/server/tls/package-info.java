/**
 * The server side of TLS: certificates, their renewal, and an initial self-signed certificate. RFC 8446, RFC 6066.
 * TLS of outgoing mail and the trust in other servers' certificates do not belong here. Start with {@link
 * org.mailserv.server.tls.ServerTls}.
 */
@NullMarked
package org.mailserv.server.tls;

import org.jspecify.annotations.NullMarked;
