package org.mailserv.server.check;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * The decision on a message, made from the findings of all checks.
 *
 * @param results the Authentication-Results field
 * @param refusal the reply that refuses the message, or null
 * @param suspicious whether the message is marked as suspicious if it is accepted
 */
public record Decision(
        AuthenticationResults results, @Nullable SmtpReply refusal, boolean suspicious) {
    private static final int MAX_PRINTED = 300;

    /** Combines findings. A permanent refusal goes before a temporary one, since a later attempt would be futile. */
    static Decision of(String hostname, List<Finding> findings) {
        List<AuthenticationResult> results = new ArrayList<>();
        SmtpReply refusal = null;
        boolean suspicious = false;
        for (Finding finding : findings) {
            results.addAll(finding.results());
            suspicious |= finding.suspicious();
            SmtpReply reply = finding.refusal();
            if (reply != null && (refusal == null || refusal.isTransient() && !reply.isTransient())) {
                refusal = reply;
            }
        }
        return new Decision(new AuthenticationResults(hostname, results), refusal, suspicious);
    }

    /** Returns whether the message is refused for now only, so that it is checked again. */
    boolean isDeferred() {
        return refusal != null && refusal.isTransient();
    }

    /** Returns the action as the log shows it. */
    String action() {
        if (refusal != null) {
            return refusal.isTransient() ? "defer" : "reject";
        }
        return suspicious ? "mark" : "accept";
    }

    /** Returns a text in a form that is safe in a reply and in the log. */
    static String printable(String text) {
        String cut = text.length() > MAX_PRINTED ? text.substring(0, MAX_PRINTED) : text;
        return cut.replaceAll("[^ -~]", "?");
    }
}
