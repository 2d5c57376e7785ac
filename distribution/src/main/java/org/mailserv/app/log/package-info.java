/**
 * The log: its lines, its writers, and the traces of messages that are kept from it.
 * Nothing of mail itself enters here.
 * Start reading at {@link org.mailserv.app.log.Logging}.
 */
@NullMarked
package org.mailserv.app.log;

import org.jspecify.annotations.NullMarked;
