/** Header fields: finding them as content passes, and writing them. RFC 5322, 2.2 and 3.6. */
@NullMarked
package org.mailserv.codec.header;

import org.jspecify.annotations.NullMarked;
