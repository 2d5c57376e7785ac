/** Framing of lines, shared by every protocol here. RFC 5321, 2.3.8; RFC 1939, 3. */
@NullMarked
package org.mailserv.codec.line;

import org.jspecify.annotations.NullMarked;
