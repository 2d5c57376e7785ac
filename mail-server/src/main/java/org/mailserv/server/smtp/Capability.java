package org.mailserv.server.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;

/** The condition under which a command is available: the kind of listener, a setting, TLS, or a right of the client. */
@FunctionalInterface
interface Capability {
    /** Makes a command available to every client. */
    Capability ALWAYS = session -> null;

    /** Marks a command that the server recognizes and does not implement. RFC 5321, 4.2.4. */
    Capability NEVER = session -> SmtpReplies.R502_NOT_IMPLEMENTED;

    /** Returns null if the command is available to the client now, else the reply to it. */
    @Nullable
    SmtpReply refusal(SessionContext session);
}
