/** MIME as far as a server has to change it. RFC 2045, RFC 2046, RFC 6152. */
@NullMarked
package org.mailserv.codec.mime;

import org.jspecify.annotations.NullMarked;
