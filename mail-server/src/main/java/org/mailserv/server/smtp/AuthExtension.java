package org.mailserv.server.smtp;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;

/** AUTH: offers and starts authentication. RFC 4954. The exchange itself is in {@link SmtpAuthentication}. */
final class AuthExtension implements EsmtpExtension {
    @Override
    public @Nullable String line(SessionContext session) {
        List<String> mechanisms = session.mechanisms();
        return mechanisms.isEmpty() ? null : "AUTH " + String.join(" ", mechanisms);
    }

    @Override
    public Map<String, MailParameter> mailParameters() {
        // RFC 4954, 5: accepted, but not passed on, because no client is trusted to assert an identity.
        return Map.of(
                "AUTH",
                (value, options, session) ->
                        value.isEmpty() ? EsmtpExtension.malformed("AUTH takes an address or <>") : null);
    }

    @Override
    public List<SmtpVerb<?>> verbs() {
        return List.of(
                SmtpVerb.of(
                                "AUTH",
                                SmtpCommand.Auth.class,
                                EnumSet.of(SessionState.READY),
                                (stages, auth) -> stages.context()
                                        .resume(stages.authentication().begin(auth)))
                        .dependingOn(AuthExtension::refusal),
                SmtpVerb.unlisted(
                        SmtpCommand.AuthResponse.class,
                        (stages, response) ->
                                stages.context().resume(stages.authentication().respond(response.line()))));
    }

    private static @Nullable SmtpReply refusal(SessionContext session) {
        SmtpClientState client = session.client;
        if (!session.endpoint.auth()) {
            return SmtpReplies.R502_NOT_IMPLEMENTED;
        } else if (client.account == null && client.plaintextAuthAllowed()) {
            return null;
        } else if (!client.extended) {
            return SmtpReplies.R503_HELLO_FIRST;
        }
        return client.account != null ? SmtpReplies.R503_ALREADY_AUTHENTICATED : SmtpReplies.R538_ENCRYPTION_REQUIRED;
    }
}
