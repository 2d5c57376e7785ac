/** What is tried when, and over which connection. RFC 5321, 4.5.4. */
@NullMarked
package org.mailserv.relay.queue;

import org.jspecify.annotations.NullMarked;
