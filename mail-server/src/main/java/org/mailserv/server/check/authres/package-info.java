/**
 * Removes Authentication-Results fields that claim to be ours but came from outside (RFC 8601, 5). Creating our own field is the job of
 * {@code server.check}, not of this package. Start at {@link org.mailserv.server.check.authres.HeaderFilter}.
 */
@NullMarked
package org.mailserv.server.check.authres;

import org.jspecify.annotations.NullMarked;
