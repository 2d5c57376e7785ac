/**
 * The embedded spool: a journal with group commit, and queue files for messages that outlive it. No protocol and no routing may enter, and
 * mailboxes are known through {@link org.mailserv.server.spool.LocalMailboxes} only. Start with
 * {@link org.mailserv.server.spool.file.FileSpool}, which assembles the parts; {@code Journal}, {@code Retirement} and {@code Recovery} are the
 * life of a record.
 */
@NullMarked
package org.mailserv.server.spool.file;

import org.jspecify.annotations.NullMarked;
