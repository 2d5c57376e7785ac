/**
 * The core of the server: everything between the network and the disk (RFC 5321, RFC 5598). This package itself is empty; outgoing SMTP and
 * POP3 live in modules of their own and must not be used here. Start with {@code server.smtp} for receiving mail and {@code server.spool}
 * for storing it.
 */
@NullMarked
package org.mailserv.server;

import org.jspecify.annotations.NullMarked;
