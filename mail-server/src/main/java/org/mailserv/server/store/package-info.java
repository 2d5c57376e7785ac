/**
 * The seam between the server and the place where its mail is kept: one machine's files, or tables that several nodes share. These are
 * interfaces and values; no path of a store, no table, no protocol and no relay may enter. Start with
 * {@link org.mailserv.server.store.MailStore}.
 */
@NullMarked
package org.mailserv.server.store;

import org.jspecify.annotations.NullMarked;
