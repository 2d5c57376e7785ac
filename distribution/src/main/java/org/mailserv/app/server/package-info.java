/**
 * The assembly of the running server: its parts in order, its listeners, reload and backup.
 * Protocol logic belongs to the modules below, and commands to {@code cli}.
 * Start reading at {@link org.mailserv.app.server.MailServer}.
 */
@NullMarked
package org.mailserv.app.server;

import org.jspecify.annotations.NullMarked;
