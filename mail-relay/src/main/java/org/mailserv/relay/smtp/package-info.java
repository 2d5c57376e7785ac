/** The client's side of an SMTP or LMTP session. RFC 5321, 3; RFC 2920; RFC 3030; RFC 2033. */
@NullMarked
package org.mailserv.relay.smtp;

import org.jspecify.annotations.NullMarked;
