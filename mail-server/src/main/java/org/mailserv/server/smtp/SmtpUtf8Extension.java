package org.mailserv.server.smtp;

import java.util.Map;

/** SMTPUTF8: addresses and header fields in UTF-8. RFC 6531. */
final class SmtpUtf8Extension implements EsmtpExtension {
    @Override
    public String line(SessionContext session) {
        return "SMTPUTF8";
    }

    @Override
    public Map<String, MailParameter> mailParameters() {
        return Map.of("SMTPUTF8", (value, options, session) -> {
            options.smtpUtf8 = true;
            return value.isEmpty() ? null : EsmtpExtension.malformed("SMTPUTF8 takes no value");
        });
    }
}
