package org.mailserv.server.check;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * The verdict of one check on one message.
 *
 * @param results the results to report in Authentication-Results, in order
 * @param refusal the reply that refuses the message, with the reason; or null
 * @param suspicious whether the message is to be marked as suspicious if it is accepted
 */
public record Finding(
        List<AuthenticationResult> results, @Nullable SmtpReply refusal, boolean suspicious) {
    /** The finding of a check that has nothing to say. */
    public static final Finding NONE = new Finding(List.of(), null, false);

    public Finding {
        results = List.copyOf(results);
    }

    /** Returns a finding that reports results and has no objection. */
    public static Finding report(List<AuthenticationResult> results) {
        return new Finding(results, null, false);
    }

    /** Returns a finding that reports results, marks the message as suspicious, and refuses it unless the reply is null. */
    public static Finding suspect(List<AuthenticationResult> results, @Nullable SmtpReply refusal) {
        return new Finding(results, refusal, true);
    }
}
