/** The server's side of TLS: certificates, their renewal, and a self-signed one to begin with. RFC 8446, RFC 6066. */
@NullMarked
package org.mailserv.server.tls;

import org.jspecify.annotations.NullMarked;
