/** The Sender Policy Framework: may this client send for this domain. RFC 7208. */
@NullMarked
package org.mailserv.server.check.spf;

import org.jspecify.annotations.NullMarked;
