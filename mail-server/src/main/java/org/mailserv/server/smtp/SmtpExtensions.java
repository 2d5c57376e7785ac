package org.mailserv.server.smtp;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The registered ESMTP extensions, and the tables that are derived from them. */
final class SmtpExtensions {
    /** All extensions, in the order in which EHLO lists them. */
    static final List<EsmtpExtension> ALL = List.of(
            // RFC 2920
            EsmtpExtension.keyword("PIPELINING"),
            new SizeExtension(),
            new BodyExtension(),
            new SmtpUtf8Extension(),
            // RFC 2034
            EsmtpExtension.keyword("ENHANCEDSTATUSCODES"),
            // RFC 3030: BDAT is with DATA in CommandTable, and BODY=BINARYMIME in BodyExtension.
            EsmtpExtension.keyword("CHUNKING"),
            EsmtpExtension.keyword("BINARYMIME"),
            new DsnExtension(),
            // RFC 9422
            session -> "LIMITS RCPTMAX=" + session.config().maxRecipients(),
            new StartTlsExtension(),
            new RequireTlsExtension(),
            new AuthExtension(),
            new EtrnExtension(),
            new XclientExtension(),
            EsmtpExtension.keyword("HELP"));

    /** The parameters of MAIL, by keyword. */
    static final Map<String, MailParameter> MAIL_PARAMETERS = merged(EsmtpExtension::mailParameters);

    /** The parameters of RCPT, by keyword. */
    static final Map<String, RcptParameter> RCPT_PARAMETERS = merged(EsmtpExtension::rcptParameters);

    /** All commands: those of every server, and those of the extensions. */
    static final CommandTable COMMANDS = new CommandTable(
            ALL.stream().flatMap(extension -> extension.verbs().stream()).toList());

    private SmtpExtensions() {}

    private static <P> Map<String, P> merged(Function<EsmtpExtension, Map<String, P>> parameters) {
        Map<String, P> all = new HashMap<>();
        for (EsmtpExtension extension : ALL) {
            parameters.apply(extension).forEach((keyword, parameter) -> {
                if (all.put(keyword, parameter) != null) {
                    throw new IllegalStateException(keyword + ": two extensions define this parameter");
                }
            });
        }
        return Map.copyOf(all);
    }
}
