/**
 * DMARC (RFC 9989): determines whether the author's domain vouches for a message, and the policy that applies if not. SPF and DKIM results
 * come in as values; this package does not verify them. Start at {@link org.mailserv.server.check.dmarc.Dmarc}.
 */
@NullMarked
package org.mailserv.server.check.dmarc;

import org.jspecify.annotations.NullMarked;
