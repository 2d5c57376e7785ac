/**
 * The POP3 wire format: commands, replies, and the codec that frames them. RFC 1939, RFC 2449. Login, maildrops and
 * session state do not belong here. Start with {@link org.mailserv.codec.pop3.Pop3ServerCodec}.
 */
@NullMarked
package org.mailserv.codec.pop3;

import org.jspecify.annotations.NullMarked;
