/** SMTP on the wire, both sides: commands, replies, content, and the codecs that frame them. RFC 5321, RFC 3030, RFC 4954. */
@NullMarked
package org.mailserv.codec.smtp;

import org.jspecify.annotations.NullMarked;
