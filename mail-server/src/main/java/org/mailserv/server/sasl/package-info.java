/** Logging in, the same for SMTP and POP3. RFC 4422, RFC 4616, RFC 5802, RFC 7677. */
@NullMarked
package org.mailserv.server.sasl;

import org.jspecify.annotations.NullMarked;
