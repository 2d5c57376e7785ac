/** Notices to senders of what became of their messages. RFC 3461; RFC 3464; RFC 6522. */
@NullMarked
package org.mailserv.relay.bounce;

import org.jspecify.annotations.NullMarked;
