/**
 * POP3 sessions over a mailbox store. RFC 1939, RFC 2449. The package reads and deletes messages through {@code
 * server.mailbox}; it neither writes mail nor knows how mailboxes are stored. Start with {@link
 * org.mailserv.pop3.Pop3Session}, the state machine, and {@link org.mailserv.pop3.Pop3ChannelInitializer}, the
 * pipeline around it.
 */
@NullMarked
package org.mailserv.pop3;

import org.jspecify.annotations.NullMarked;
