/** Filters of others, over the milter protocol: each message is shown to them while it comes, and what they want of it is done. */
@NullMarked
package org.mailserv.server.check.milter;

import org.jspecify.annotations.NullMarked;
