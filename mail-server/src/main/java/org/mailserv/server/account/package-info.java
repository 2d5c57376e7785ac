/** Local domains, users, aliases, and who may log in. RFC 4616, RFC 5802. */
@NullMarked
package org.mailserv.server.account;

import org.jspecify.annotations.NullMarked;
