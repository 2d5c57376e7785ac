/** One asynchronous DNS service for all who ask. RFC 1035, RFC 2181, RFC 7505. */
@NullMarked
package org.mailserv.server.dns;

import org.jspecify.annotations.NullMarked;
