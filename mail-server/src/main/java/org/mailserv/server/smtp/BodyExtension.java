package org.mailserv.server.smtp;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.spool.BodyType;

/** 8BITMIME (RFC 6152) with the BODY parameter, whose values include that of BINARYMIME (RFC 3030, 3). */
final class BodyExtension implements EsmtpExtension {
    @Override
    public String line(SessionContext session) {
        return "8BITMIME";
    }

    @Override
    public Map<String, MailParameter> mailParameters() {
        return Map.of("BODY", (value, options, session) -> apply(value.toUpperCase(Locale.ROOT), options));
    }

    private static @Nullable SmtpReply apply(String value, MailOptions options) {
        for (BodyType type : BodyType.values()) {
            if (type.keyword().equals(value)) {
                options.body = type;
                return null;
            }
        }
        return EsmtpExtension.malformed("BODY takes 7BIT, 8BITMIME or BINARYMIME");
    }
}
