/**
 * Mail addresses, reverse-paths and domain names of the SMTP envelope. RFC 5321, 4.1.2 and 4.1.3; RFC 6531, 3.3. The
 * package only parses and compares: it neither looks up domains nor knows which are local. Start with {@link
 * org.mailserv.codec.address.PathParser} for syntax and {@link org.mailserv.codec.address.DomainNames} for
 * comparison.
 */
@NullMarked
package org.mailserv.codec.address;

import org.jspecify.annotations.NullMarked;
