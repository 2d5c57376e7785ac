package org.mailserv.server.smtp;

import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.tls.TlsMode;

/** STARTTLS. RFC 3207. */
final class StartTlsExtension implements EsmtpExtension {
    @Override
    public @Nullable String line(SessionContext session) {
        return refusal(session) == null ? "STARTTLS" : null;
    }

    @Override
    public List<SmtpVerb<?>> verbs() {
        return List.of(SmtpVerb.of(
                        "STARTTLS",
                        SmtpCommand.StartTls.class,
                        EnumSet.allOf(SessionState.class),
                        (stages, command) -> SessionContext.done(start(stages.context())))
                .dependingOn(StartTlsExtension::refusal));
    }

    private static @Nullable SmtpReply refusal(SessionContext session) {
        if (session.endpoint.tls() != TlsMode.STARTTLS) {
            return SmtpReplies.R502_NOT_IMPLEMENTED;
        }
        return session.client.secure ? SmtpReplies.R503_BAD_SEQUENCE : null;
    }

    private static SmtpReply start(SessionContext session) {
        session.transaction.abort();
        session.client.forget();
        session.client.secure = true;
        return SmtpReplies.R220_READY_FOR_TLS;
    }
}
