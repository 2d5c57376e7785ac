/**
 * The receiving side of SMTP, submission and LMTP: pipeline, session, commands and ESMTP extensions (RFC 5321, RFC 6409, RFC 2033). Policy
 * of checks, storage formats and outgoing connections do not enter: the session asks services for them. Start reading at {@link
 * org.mailserv.server.smtp.SmtpSession}, then at {@code CommandTable} and {@code SmtpExtensions}.
 */
@NullMarked
package org.mailserv.server.smtp;

import org.jspecify.annotations.NullMarked;
