/** Receiving: the SMTP server's pipeline, session and extensions. RFC 5321, RFC 6409. */
@NullMarked
package org.mailserv.server.smtp;

import org.jspecify.annotations.NullMarked;
