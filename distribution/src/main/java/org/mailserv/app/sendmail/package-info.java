/**
 * The sendmail command: options, message and hand-over to the server, as cron, PHP and mail programs expect them.
 * Nothing of the running server enters here.
 *
 * <p>It speaks SMTP itself, blocking, and does not use the relay's client. A process starts for each message, and must not pay for event loops
 * and TLS to reach a socket of the same machine. It reads the message once, from a pipe, while the relay's client sends stored messages that it
 * may have to read again. The relay's client also decides on its own what to try again, where this program must tell its caller.
 *
 * <p>Start reading at {@link org.mailserv.app.sendmail.Sendmail}.
 */
@NullMarked
package org.mailserv.app.sendmail;

import org.jspecify.annotations.NullMarked;
