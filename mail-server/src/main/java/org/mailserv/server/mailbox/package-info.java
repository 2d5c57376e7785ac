/**
 * The mailboxes of local users, and the maildrops that POP3 sessions open on them (RFC 1939, 1 and 4). These are interfaces and values: no
 * path, no file and no storage format may enter. Start with {@link org.mailserv.server.mailbox.MailboxStore}.
 */
@NullMarked
package org.mailserv.server.mailbox;

import org.jspecify.annotations.NullMarked;
