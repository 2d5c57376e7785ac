/**
 * Import and export of mailboxes: Maildir, mbox, and the message lists of other servers. No classes of the running server and no network
 * access belong here. Start reading at {@link org.mailserv.app.transfer.MailboxImport}.
 */
@NullMarked
package org.mailserv.app.transfer;

import org.jspecify.annotations.NullMarked;
