package org.mailserv.server.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;

/** A parameter of MAIL. RFC 5321, 4.1.1.11. */
@FunctionalInterface
interface MailParameter {
    /**
     * Applies the parameter.
     *
     * @param value as received; empty for a keyword without a value
     * @param options records what the client asks for
     * @return the refusal of the command, or null
     */
    @Nullable
    SmtpReply apply(String value, MailOptions options, SessionContext session);
}
