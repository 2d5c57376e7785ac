/** What is known of a message's sender: verdicts, and what follows from them. RFC 7208, RFC 8601, RFC 9989. */
@NullMarked
package org.mailserv.server.check;

import org.jspecify.annotations.NullMarked;
