/**
 * Line framing shared by SMTP and POP3. RFC 5321, 2.3.8; RFC 1939, 3. Protocol commands and replies do not belong
 * here. Start with {@link org.mailserv.codec.line.LineFrameDecoder}, whose subclasses define the frames.
 */
@NullMarked
package org.mailserv.codec.line;

import org.jspecify.annotations.NullMarked;
