/** What others and our own memory say of a client: lists in the DNS, greylisting. RFC 5782, RFC 6647. */
@NullMarked
package org.mailserv.server.check.reputation;

import org.jspecify.annotations.NullMarked;
