/**
 * The sendmail command: options, message and hand-over to the server, as cron, PHP and mail programs expect them.
 * Nothing of the running server enters here.
 * Start reading at {@link org.mailserv.app.sendmail.Sendmail}.
 */
@NullMarked
package org.mailserv.app.sendmail;

import org.jspecify.annotations.NullMarked;
