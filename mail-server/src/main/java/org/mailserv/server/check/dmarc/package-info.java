/** Domain-based message authentication: does the author's domain stand behind a message, and what does it want if not. RFC 9989. */
@NullMarked
package org.mailserv.server.check.dmarc;

import org.jspecify.annotations.NullMarked;
