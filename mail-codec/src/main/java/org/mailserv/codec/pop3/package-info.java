/** POP3 on the wire: commands, responses, and the codec that frames them. RFC 1939, RFC 2449. */
@NullMarked
package org.mailserv.codec.pop3;

import org.jspecify.annotations.NullMarked;
