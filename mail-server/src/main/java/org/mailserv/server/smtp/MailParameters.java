package org.mailserv.server.smtp;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.address.Xtext;
import org.mailserv.codec.smtp.EsmtpParameters;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.spool.BodyType;

/** The parameters of MAIL: SIZE (RFC 1870), BODY (RFC 6152, RFC 3030), SMTPUTF8 (RFC 6531), RET and ENVID (RFC 3461), AUTH (RFC 4954), REQUIRETLS (RFC 8689). */
final class MailParameters {
    private final long maxMessageSize;
    private final boolean secure;
    private boolean requireTls;
    private BodyType body = BodyType.SEVEN_BIT;
    private boolean smtpUtf8;
    private @Nullable Boolean returnFull;
    private @Nullable String envelopeId;
    private @Nullable SmtpReply refusal;

    private MailParameters(long maxMessageSize, boolean secure) {
        this.maxMessageSize = maxMessageSize;
        this.secure = secure;
    }

    static MailParameters of(SmtpCommand.Mail mail, long maxMessageSize, boolean secure) {
        MailParameters read = new MailParameters(maxMessageSize, secure);
        EsmtpParameters parameters = mail.parameters();
        for (String keyword : parameters.keywords()) {
            String value = parameters.get(keyword);
            SmtpReply problem = read.take(keyword, value == null ? "" : value);
            if (problem != null && read.refusal == null) {
                read.refusal = problem;
            }
        }
        if (read.refusal == null && mail.form().utf8() && !read.smtpUtf8) {
            read.refusal = SmtpReplies.R553_UTF8_NOT_ALLOWED;
        }
        return read;
    }

    private @Nullable SmtpReply take(String keyword, String value) {
        switch (keyword) {
            case "SIZE" -> {
                return size(value);
            }
            case "BODY" -> {
                return body(value.toUpperCase(Locale.ROOT));
            }
            case "SMTPUTF8" -> {
                smtpUtf8 = true;
                return value.isEmpty() ? null : malformed("SMTPUTF8 takes no value");
            }
            case "RET" -> {
                String ret = value.toUpperCase(Locale.ROOT);
                returnFull = ret.equals("FULL");
                return ret.equals("FULL") || ret.equals("HDRS") ? null : malformed("RET takes FULL or HDRS");
            }
            case "ENVID" -> {
                envelopeId = Xtext.normalized(value);
                return value.length() > 100 || envelopeId == null
                        ? malformed("ENVID takes xtext of at most 100 characters")
                        : null;
            }
            case "REQUIRETLS" -> {
                // RFC 8689, 2: only what came protected can ask for it.
                requireTls = true;
                return secure
                        ? value.isEmpty() ? null : malformed("REQUIRETLS takes no value")
                        : SmtpReplies.R555_PARAMETER;
            }
            case "AUTH" -> {
                // RFC 4954, 5: taken, and not passed on, because nobody here is trusted to assert it.
                return value.isEmpty() ? malformed("AUTH takes an address or <>") : null;
            }
            default -> {
                return SmtpReplies.R555_PARAMETER;
            }
        }
    }

    private @Nullable SmtpReply size(String value) {
        if (value.isEmpty() || value.length() > 20 || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return malformed("SIZE takes a number of octets");
        }
        boolean big = value.length() > 18 || Long.parseLong(value) > maxMessageSize;
        return big ? SmtpReplies.R552_TOO_BIG : null;
    }

    private @Nullable SmtpReply body(String value) {
        for (BodyType type : BodyType.values()) {
            if (type.keyword().equals(value)) {
                body = type;
                return null;
            }
        }
        return malformed("BODY takes 7BIT, 8BITMIME or BINARYMIME");
    }

    static SmtpReply malformed(String text) {
        return SmtpReply.of(501, "5.5.4", text);
    }

    @Nullable
    SmtpReply refusal() {
        return refusal;
    }

    SmtpTransaction begin(String hostname, ReversePath sender) {
        return new SmtpTransaction(hostname, sender, body, smtpUtf8, returnFull, envelopeId, requireTls);
    }
}
