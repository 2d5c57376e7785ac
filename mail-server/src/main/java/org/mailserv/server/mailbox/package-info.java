/** Mailboxes of local users and the maildrops that POP3 opens on them. RFC 1939, 1 and 4. */
@NullMarked
package org.mailserv.server.mailbox;

import org.jspecify.annotations.NullMarked;
