/**
 * The proofs that the names of a certificate are ours: HTTP-01, TLS-ALPN-01 and DNS-01. RFC 8555, 8; RFC 8737.
 * The protocol with the CA does not belong here, and neither does the listener for HTTP, which shares the framing of the program's other one.
 * Start reading at {@link org.mailserv.acme.challenge.ChallengeSolver}.
 */
@NullMarked
package org.mailserv.acme.challenge;

import org.jspecify.annotations.NullMarked;
