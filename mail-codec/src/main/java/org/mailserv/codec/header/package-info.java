/**
 * Header fields: finding them while content passes, and reading and writing their values. RFC 5322, 2.2 and 3.6. The
 * package works on octets and text in memory; it decides nothing about a message. Start with {@link
 * org.mailserv.codec.header.HeaderBlock} for whole headers and {@link org.mailserv.codec.header.FieldRemover} for
 * streamed ones.
 */
@NullMarked
package org.mailserv.codec.header;

import org.jspecify.annotations.NullMarked;
