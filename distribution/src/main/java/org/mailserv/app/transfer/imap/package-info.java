/**
 * The mail of another server, read by IMAP.
 * Nothing of the running server enters here, and no file: messages are passed to the sink of an import.
 * Start reading at {@link org.mailserv.app.transfer.imap.ImapSource}.
 */
@NullMarked
package org.mailserv.app.transfer.imap;

import org.jspecify.annotations.NullMarked;
