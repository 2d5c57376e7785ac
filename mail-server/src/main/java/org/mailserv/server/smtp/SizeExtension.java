package org.mailserv.server.smtp;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;

/** SIZE: announces the limit, and refuses a message by its declared size. RFC 1870. */
final class SizeExtension implements EsmtpExtension {
    @Override
    public String line(SessionContext session) {
        return "SIZE " + session.config().maxMessageSize();
    }

    @Override
    public Map<String, MailParameter> mailParameters() {
        return Map.of(
                "SIZE",
                (value, options, session) -> refusal(value, session.config().maxMessageSize()));
    }

    private static @Nullable SmtpReply refusal(String value, long maxMessageSize) {
        if (value.isEmpty() || value.length() > 20 || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return EsmtpExtension.malformed("SIZE takes a number of octets");
        }
        // A number of 19 or 20 digits may not fit into a long.
        boolean tooBig = value.length() > 18 || Long.parseLong(value) > maxMessageSize;
        return tooBig ? SmtpReplies.R552_TOO_BIG : null;
    }
}
