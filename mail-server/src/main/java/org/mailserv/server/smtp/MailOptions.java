package org.mailserv.server.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.BodyType;

/** The options of a mail transaction that the parameters of its MAIL command set. */
final class MailOptions {
    BodyType body = BodyType.SEVEN_BIT;
    boolean smtpUtf8;

    /** True if a bounce contains the whole message; null if the client did not say. RFC 3461, 4.3. */
    @Nullable
    Boolean returnFull;

    @Nullable
    String envelopeId;

    boolean requireTls;

    SmtpTransaction begin(String hostname, ReversePath sender) {
        return new SmtpTransaction(hostname, sender, body, smtpUtf8, returnFull, envelopeId, requireTls);
    }
}
