package org.mailserv.server.smtp;

import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;

/** ETRN: a client asks for the mail that is queued for its domain. RFC 1985. */
final class EtrnExtension implements EsmtpExtension {
    @Override
    public @Nullable String line(SessionContext session) {
        return refusal(session) == null ? "ETRN" : null;
    }

    @Override
    public List<SmtpVerb<?>> verbs() {
        return List.of(SmtpVerb.of(
                        "ETRN",
                        SmtpCommand.Etrn.class,
                        EnumSet.of(SessionState.READY),
                        (stages, etrn) -> SessionContext.done(start(stages.context(), etrn.node())))
                .dependingOn(EtrnExtension::refusal));
    }

    private static @Nullable SmtpReply refusal(SessionContext session) {
        return session.config().etrn() && session.endpoint.kind() == SmtpEndpoint.Kind.SMTP
                ? null
                : SmtpReplies.R502_NOT_IMPLEMENTED;
    }

    private static SmtpReply start(SessionContext session, String node) {
        session.services.etrn().accept(node);
        return SmtpReply.of(250, "2.0.0", "Ok, queuing for " + node + " started");
    }
}
