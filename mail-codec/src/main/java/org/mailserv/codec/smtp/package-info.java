/**
 * The SMTP wire format of both sides: commands, replies, content, and the codecs that frame them. RFC 5321, RFC 3030,
 * RFC 4954. Session state, policy and storage do not belong here. Start with {@link
 * org.mailserv.codec.smtp.SmtpServerCodec} and {@link org.mailserv.codec.smtp.SmtpClientCodec}.
 */
@NullMarked
package org.mailserv.codec.smtp;

import org.jspecify.annotations.NullMarked;
