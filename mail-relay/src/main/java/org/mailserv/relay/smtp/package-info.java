/**
 * The client side of an SMTP or LMTP session (RFC 5321, 3; RFC 2920; RFC 3030; RFC 2033).
 * Retries, back-off and the choice of hosts do not belong here; a session reports an outcome and keeps no message afterwards.
 * Start reading at {@link org.mailserv.relay.smtp.RelayConnection}, then {@code Transaction} and {@code CommandPipe}.
 */
@NullMarked
package org.mailserv.relay.smtp;

import org.jspecify.annotations.NullMarked;
