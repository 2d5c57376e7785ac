package org.mailserv.server.smtp;

import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.codec.smtp.SmtpReplySequence;

/**
 * A reply, and the step that follows it.
 *
 * @param next the step after the reply is written
 * @param copies the number of times that it is sent: LMTP sends it once for each recipient
 */
public record SmtpResponse(SmtpReply reply, Next next, int copies) {
    /** The step after a reply is written. */
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

    /** Returns the copies as one message, or null for a single reply. */
    @Nullable
    SmtpReplySequence sequence() {
        return copies > 1 ? new SmtpReplySequence(Collections.nCopies(copies, reply)) : null;
    }
}
