package org.mailserv.server.smtp;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;

/** REQUIRETLS: the sender asks for TLS on every further hop. RFC 8689. */
final class RequireTlsExtension implements EsmtpExtension {
    @Override
    public @Nullable String line(SessionContext session) {
        return session.client.secure ? "REQUIRETLS" : null;
    }

    @Override
    public Map<String, MailParameter> mailParameters() {
        return Map.of("REQUIRETLS", RequireTlsExtension::apply);
    }

    private static @Nullable SmtpReply apply(String value, MailOptions options, SessionContext session) {
        if (!session.client.secure) {
            // RFC 8689, 2: only a client that uses TLS itself can ask for it.
            return SmtpReplies.R555_PARAMETER;
        }
        options.requireTls = true;
        return value.isEmpty() ? null : EsmtpExtension.malformed("REQUIRETLS takes no value");
    }
}
