package org.mailserv.server.smtp;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Xtext;
import org.mailserv.codec.smtp.EsmtpParameters;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.spool.Notify;

/**
 * The parameters of RCPT: NOTIFY and ORCPT. RFC 3461, 4.1 and 4.2.
 *
 * @param originalRecipient type and xtext, the latter by the grammar, or null
 * @param notifyOn null when the client said nothing
 * @param refusal what is wrong, or null
 */
record RcptParameters(
        @Nullable String originalRecipient,
        @Nullable Set<Notify> notifyOn,
        @Nullable SmtpReply refusal) {

    static RcptParameters of(SmtpCommand.Rcpt rcpt, boolean smtpUtf8) {
        EsmtpParameters parameters = rcpt.parameters();
        for (String keyword : parameters.keywords()) {
            if (!keyword.equals("NOTIFY") && !keyword.equals("ORCPT")) {
                return refused(SmtpReplies.R555_PARAMETER);
            }
        }
        if (rcpt.form().utf8() && !smtpUtf8) {
            return refused(SmtpReplies.R553_UTF8_NOT_ALLOWED);
        }
        String original = parameters.get("ORCPT");
        String normalized = original == null ? null : originalRecipient(original, smtpUtf8);
        if (original != null && normalized == null) {
            return refused(MailParameters.malformed("ORCPT takes a type, a semicolon and xtext"));
        }
        String value = parameters.get("NOTIFY");
        Set<Notify> events = value == null ? null : events(value.toUpperCase(Locale.ROOT));
        if (value != null && events == null) {
            return refused(MailParameters.malformed("NOTIFY takes NEVER, or some of SUCCESS, FAILURE, DELAY"));
        }
        return new RcptParameters(normalized, events, null);
    }

    private static RcptParameters refused(SmtpReply reply) {
        return new RcptParameters(null, null, reply);
    }

    /**
     * Returns the value as it is passed on, or null where it is malformed. RFC 3461, 4.2. An address of type utf-8 may stand there as it is
     * where SMTPUTF8 was said (RFC 6533, 3).
     */
    private static @Nullable String originalRecipient(String value, boolean smtpUtf8) {
        int semicolon = value.indexOf(';');
        if (semicolon <= 0
                || value.length() > 500
                || !value.substring(0, semicolon).matches("[A-Za-z0-9-]+")) {
            return null;
        }
        String type = value.substring(0, semicolon);
        if (type.equalsIgnoreCase("utf-8")) {
            String original = value.substring(semicolon + 1);
            boolean plain = original.chars().allMatch(c -> c < 127);
            return !original.isEmpty() && (plain || smtpUtf8) ? value : null;
        }
        String xtext = Xtext.normalized(value.substring(semicolon + 1));
        return xtext == null ? null : type + ";" + xtext;
    }

    /** An empty set for NEVER; null where the text is neither. */
    private static @Nullable Set<Notify> events(String value) {
        Set<Notify> events = EnumSet.noneOf(Notify.class);
        if (value.equals("NEVER")) {
            return events;
        }
        for (String word : value.split(",", -1)) {
            switch (word) {
                case "SUCCESS" -> events.add(Notify.SUCCESS);
                case "FAILURE" -> events.add(Notify.FAILURE);
                case "DELAY" -> events.add(Notify.DELAY);
                default -> {
                    return null;
                }
            }
        }
        return events;
    }
}
