package org.mailserv.server.smtp;

import java.util.List;
import java.util.Map;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * An ESMTP extension: the keyword that EHLO announces, and the parameters and commands that come with it. RFC 5321, 2.2.
 * Registered in {@link SmtpExtensions}. Stateless; shared by all sessions.
 */
interface EsmtpExtension extends EhloKeyword {
    /** Returns the parameters of MAIL that the extension adds, by keyword in upper case. */
    default Map<String, MailParameter> mailParameters() {
        return Map.of();
    }

    /** Returns the parameters of RCPT that the extension adds, by keyword in upper case. */
    default Map<String, RcptParameter> rcptParameters() {
        return Map.of();
    }

    /** Returns the commands that the extension adds. HELP lists them in this order. */
    default List<SmtpVerb<?>> verbs() {
        return List.of();
    }

    /** Returns an extension that is always available and consists of its keyword only. */
    static EsmtpExtension keyword(String keyword) {
        return session -> keyword;
    }

    /** Returns the reply to a parameter with a value that its extension does not allow. */
    static SmtpReply malformed(String text) {
        return SmtpReply.of(501, "5.5.4", text);
    }
}
