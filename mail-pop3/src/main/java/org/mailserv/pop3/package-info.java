/** POP3 sessions over a mailbox store. RFC 1939, RFC 2449. */
@NullMarked
package org.mailserv.pop3;

import org.jspecify.annotations.NullMarked;
