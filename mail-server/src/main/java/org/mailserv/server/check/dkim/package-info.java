/**
 * DKIM signing and verification (RFC 6376, RFC 8301, RFC 8463), and ARC (RFC 8617), which uses the same signatures. Decisions about a
 * result stay in {@code server.check}. Start at {@link org.mailserv.server.check.dkim.DkimVerifier} or {@link
 * org.mailserv.server.check.dkim.DkimSigner}; both are a {@code MessageScan}.
 */
@NullMarked
package org.mailserv.server.check.dkim;

import org.jspecify.annotations.NullMarked;
