/** The wire: framing, commands, replies and grammar, without disk, configuration, policy or DNS. RFC 5321, RFC 1939. */
@NullMarked
package org.mailserv.codec;

import org.jspecify.annotations.NullMarked;
