/**
 * The wire formats of mail: framing, commands, replies and grammar. RFC 5321, RFC 1939. Disk, configuration, policy,
 * DNS and logging may not enter. Start with {@code codec.smtp} or {@code codec.pop3}, which use the packages for
 * lines, addresses, header fields and MIME.
 */
@NullMarked
package org.mailserv.codec;

import org.jspecify.annotations.NullMarked;
