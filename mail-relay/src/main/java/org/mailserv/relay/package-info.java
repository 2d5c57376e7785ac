/** From the spool to other servers: MX choice, connections, retry, bounces. RFC 5321, 5. */
@NullMarked
package org.mailserv.relay;

import org.jspecify.annotations.NullMarked;
