/** File operations through one seam, and the threads that do them. */
@NullMarked
package org.mailserv.server.disk;

import org.jspecify.annotations.NullMarked;
