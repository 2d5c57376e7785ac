/**
 * The store of a single machine: spool, mailboxes and everything else in files. Nothing that another node would have to know may enter, and no
 * format of a file, which belongs to the spool and to the mailboxes. Start with {@link org.mailserv.server.store.file.FileStore}.
 */
@NullMarked
package org.mailserv.server.store.file;

import org.jspecify.annotations.NullMarked;
