/** Mailboxes as Maildir folders that mail readers and IMAP servers can open beside us. */
@NullMarked
package org.mailserv.server.mailbox.maildir;

import org.jspecify.annotations.NullMarked;
