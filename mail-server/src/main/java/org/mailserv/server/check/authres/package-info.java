/**
 * The parts of Authentication-Results that the checks share (RFC 8601): the names of methods and results, and the filter that removes fields
 * that claim to be ours but came from outside. Creating our own field is the job of {@code server.check}, not of this package. Start at
 * {@link org.mailserv.server.check.authres.HeaderFilter}.
 */
@NullMarked
package org.mailserv.server.check.authres;

import org.jspecify.annotations.NullMarked;
