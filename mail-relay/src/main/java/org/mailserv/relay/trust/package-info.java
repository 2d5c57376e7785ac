/** What other domains promise about TLS to their servers: DANE and MTA-STS. */
@NullMarked
package org.mailserv.relay.trust;

import org.jspecify.annotations.NullMarked;
