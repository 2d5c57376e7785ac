/** The core of the server: everything between the wire and the disk. RFC 5321, RFC 5598. */
@NullMarked
package org.mailserv.server;

import org.jspecify.annotations.NullMarked;
