/** Signing and verifying. RFC 6376, RFC 8301, RFC 8463. */
@NullMarked
package org.mailserv.server.check.dkim;

import org.jspecify.annotations.NullMarked;
