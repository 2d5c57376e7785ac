/** The promise of a 250: what was acknowledged is kept until every recipient is settled. RFC 5321, 4.2.5 and 6.1. */
@NullMarked
package org.mailserv.server.spool;

import org.jspecify.annotations.NullMarked;
