/**
 * Mailboxes as Maildir folders, which mail readers and IMAP servers may use at the same time. No protocol and no routing may enter: a mailbox
 * is known by its name only. Start with {@link org.mailserv.server.mailbox.maildir.MaildirStore} for the sessions and with
 * {@link org.mailserv.server.mailbox.maildir.LocalMaildirs} for the spool.
 */
@NullMarked
package org.mailserv.server.mailbox.maildir;

import org.jspecify.annotations.NullMarked;
