package org.mailserv.server.smtp;

import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.codec.smtp.SmtpReplySequence;

/**
 * What a session answers.
 *
 * @param next what happens once the reply is written
 * @param copies how often it is said: LMTP wants it for each recipient
 */
public record SmtpResponse(SmtpReply reply, Next next, int copies) {
    /** What happens once a reply is written. */
    public enum Next {
        GO_ON,
        CLOSE,
        START_TLS
    }

    static SmtpResponse of(SmtpReply reply) {
        return new SmtpResponse(reply, reply.code() == 421 || reply.code() == 521 ? Next.CLOSE : Next.GO_ON, 1);
    }

    SmtpResponse then(Next wanted) {
        return new SmtpResponse(reply, wanted, copies);
    }

    SmtpResponse times(int count) {
        return new SmtpResponse(reply, next, count);
    }

    boolean close() {
        return next == Next.CLOSE;
    }

    /** Several replies, or null where one is enough. */
    @Nullable
    SmtpReplySequence sequence() {
        return copies > 1 ? new SmtpReplySequence(Collections.nCopies(copies, reply)) : null;
    }
}
