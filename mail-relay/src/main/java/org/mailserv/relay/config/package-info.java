/** Settings of the relay. RFC 5321, 4.5.3.2 and 4.5.4.1. */
@NullMarked
package org.mailserv.relay.config;

import org.jspecify.annotations.NullMarked;
