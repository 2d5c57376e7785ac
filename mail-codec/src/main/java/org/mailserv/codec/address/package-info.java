/** Mail addresses, reverse-paths and domains of the SMTP envelope. RFC 5321, 4.1.2 and 4.1.3; RFC 6531, 3.3. */
@NullMarked
package org.mailserv.codec.address;

import org.jspecify.annotations.NullMarked;
