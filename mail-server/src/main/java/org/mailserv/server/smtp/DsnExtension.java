package org.mailserv.server.smtp;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Xtext;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.spool.Notify;

/** DSN: the client chooses which notifications its sender gets. RFC 3461, 4. */
final class DsnExtension implements EsmtpExtension {
    private static final int MAX_ENVELOPE_ID = 100;
    private static final int MAX_ORIGINAL_RECIPIENT = 500;

    @Override
    public String line(SessionContext session) {
        return "DSN";
    }

    @Override
    public Map<String, MailParameter> mailParameters() {
        return Map.of(
                "RET", (value, options, session) -> returnContent(value.toUpperCase(Locale.ROOT), options),
                "ENVID", (value, options, session) -> envelopeId(value, options));
    }

    @Override
    public Map<String, RcptParameter> rcptParameters() {
        return Map.of(
                "NOTIFY", (value, options, open) -> notifyOn(value.toUpperCase(Locale.ROOT), options),
                "ORCPT", (value, options, open) -> originalRecipient(value, options, open.smtpUtf8));
    }

    private static @Nullable SmtpReply returnContent(String value, MailOptions options) {
        options.returnFull = value.equals("FULL");
        return value.equals("FULL") || value.equals("HDRS") ? null : EsmtpExtension.malformed("RET takes FULL or HDRS");
    }

    private static @Nullable SmtpReply envelopeId(String value, MailOptions options) {
        options.envelopeId = Xtext.normalized(value);
        return value.length() > MAX_ENVELOPE_ID || options.envelopeId == null
                ? EsmtpExtension.malformed("ENVID takes xtext of at most 100 characters")
                : null;
    }

    private static @Nullable SmtpReply notifyOn(String value, RcptOptions options) {
        options.notifyOn = events(value);
        return options.notifyOn == null
                ? EsmtpExtension.malformed("NOTIFY takes NEVER, or some of SUCCESS, FAILURE, DELAY")
                : null;
    }

    /** Returns the events, none for NEVER, or null if the value is malformed. */
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

    private static @Nullable SmtpReply originalRecipient(String value, RcptOptions options, boolean smtpUtf8) {
        options.originalRecipient = normalized(value, smtpUtf8);
        return options.originalRecipient == null
                ? EsmtpExtension.malformed("ORCPT takes a type, a semicolon and xtext")
                : null;
    }

    /**
     * Returns the value in the form that is passed on, or null if it is malformed. RFC 3461, 4.2. An address of type utf-8 may contain UTF-8
     * if the transaction uses SMTPUTF8 (RFC 6533, 3).
     */
    private static @Nullable String normalized(String value, boolean smtpUtf8) {
        int semicolon = value.indexOf(';');
        if (semicolon <= 0
                || value.length() > MAX_ORIGINAL_RECIPIENT
                || !value.substring(0, semicolon).matches("[A-Za-z0-9-]+")) {
            return null;
        }
        String type = value.substring(0, semicolon);
        if (type.equalsIgnoreCase("utf-8")) {
            String original = value.substring(semicolon + 1);
            boolean ascii = original.chars().allMatch(c -> c < 127);
            return !original.isEmpty() && (ascii || smtpUtf8) ? value : null;
        }
        String xtext = Xtext.normalized(value.substring(semicolon + 1));
        return xtext == null ? null : type + ";" + xtext;
    }
}
