/**
 * Routing of recipients, and the acceptance of messages into the spool and the local mailboxes (RFC 5321, 3.6 and 4.4). Protocols and
 * connections do not enter: every source of mail uses the same classes. Start reading at {@link
 * org.mailserv.server.delivery.MessageAcceptor} and {@link org.mailserv.server.delivery.RecipientRouter}.
 */
@NullMarked
package org.mailserv.server.delivery;

import org.jspecify.annotations.NullMarked;
