/**
 * Outbound TLS policies that recipient domains publish: DANE (RFC 7672) and MTA-STS (RFC 8461).
 * Handshakes and SMTP do not belong here; the package only attaches TLS requirements to hosts that routing has found.
 * Start reading at {@link org.mailserv.relay.trust.OutboundTrust}.
 */
@NullMarked
package org.mailserv.relay.trust;

import org.jspecify.annotations.NullMarked;
