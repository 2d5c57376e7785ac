package org.mailserv.server.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;

/** A parameter of RCPT. RFC 5321, 4.1.1.11. */
@FunctionalInterface
interface RcptParameter {
    /**
     * Applies the parameter.
     *
     * @param value as received; empty for a keyword without a value
     * @param options records what the client asks for
     * @param open the transaction that the recipient belongs to
     * @return the refusal of the command, or null
     */
    @Nullable
    SmtpReply apply(String value, RcptOptions options, SmtpTransaction open);
}
