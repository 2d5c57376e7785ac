/**
 * MIME parsing and encoding, limited to the changes that a mail server must make. RFC 2045, RFC 2046, RFC 6152.
 * Message display and attachment handling do not belong here. Start with {@link
 * org.mailserv.codec.mime.SevenBitConverter}.
 */
@NullMarked
package org.mailserv.codec.mime;

import org.jspecify.annotations.NullMarked;
