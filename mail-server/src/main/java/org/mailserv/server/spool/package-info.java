/**
 * Responsibility for acknowledged messages: each is kept until every recipient is settled (RFC 5321, 4.2.5 and 6.1). These are interfaces and
 * values: no path of the spool, no protocol and no delivery may enter. Start with {@link org.mailserv.server.spool.Spool}, then
 * {@link org.mailserv.server.spool.Envelope} and {@link org.mailserv.server.spool.MessageState}.
 */
@NullMarked
package org.mailserv.server.spool;

import org.jspecify.annotations.NullMarked;
