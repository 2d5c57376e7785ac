/**
 * The Sender Policy Framework (RFC 7208): decides whether a client may send mail for a domain. Policy about the result stays in {@code
 * server.check}, and DNS access in {@code server.dns}. Start at {@link org.mailserv.server.check.spf.Spf}; {@code SpfEvaluation} is
 * check_host().
 */
@NullMarked
package org.mailserv.server.check.spf;

import org.jspecify.annotations.NullMarked;
