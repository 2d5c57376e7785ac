/** Takes away what others wrote in our name. RFC 8601, 5. */
@NullMarked
package org.mailserv.server.check.authres;

import org.jspecify.annotations.NullMarked;
