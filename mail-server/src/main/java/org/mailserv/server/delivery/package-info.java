/** Where a recipient's mail goes, and delivery into local mailboxes. RFC 5321, 3.6 and 4.4. */
@NullMarked
package org.mailserv.server.delivery;

import org.jspecify.annotations.NullMarked;
