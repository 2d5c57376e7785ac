package org.mailserv.server.check;

import java.util.List;
import java.util.Locale;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.ChecksConfig.OnTemperror;
import org.mailserv.server.check.ChecksConfig.SpfPolicy;
import org.mailserv.server.check.authres.AuthenticationMethod;
import org.mailserv.server.check.spf.SpfOutcome;
import org.mailserv.server.check.spf.SpfResult;

/** Reports the result of SPF, and refuses a fail where that is configured. RFC 7208. */
final class SpfCheck implements Check {
    private static final int MAX_EXPLANATION = 200;

    private final SpfPolicy policy;
    private final OnTemperror onTemperror;

    /** @param onTemperror the action, with {@link SpfPolicy#REJECT}, when there is no answer */
    SpfCheck(SpfPolicy policy, OnTemperror onTemperror) {
        this.policy = policy;
        this.onTemperror = onTemperror;
    }

    @Override
    public ContentCheck content(MessageAuthentication message) {
        message.requestSpf();
        return () -> message.spf().thenApply(this::finding);
    }

    private Finding finding(SpfOutcome spf) {
        List<AuthenticationResult> results = List.of(AuthenticationResult.of(AuthenticationMethod.SPF, spf.result(), "")
                .with("smtp." + spf.identity().word(), spf.domain()));
        if (policy != SpfPolicy.REJECT) {
            return Finding.report(results);
        } else if (spf.result() == SpfResult.FAIL) {
            return new Finding(results, rejection(spf), false);
        } else if (spf.result() == SpfResult.TEMPERROR) {
            // Without an answer the sender may be forged, and whoever slows the DNS down must not gain by it. RFC 7208,
            // 8.6.
            return Finding.suspect(results, onTemperror == OnTemperror.DEFER ? deferral(spf) : null);
        }
        return Finding.report(results);
    }

    /** Returns the reply to a fail, with the domain's own explanation where it is short. RFC 7208, 8.4; RFC 7372, 3.2. */
    private static SmtpReply rejection(SpfOutcome spf) {
        String explanation = spf.explanation();
        String words = explanation == null || explanation.isEmpty() || explanation.length() > MAX_EXPLANATION
                ? " does not let your address send for it"
                : " explains: " + explanation;
        return SmtpReply.of(
                550, "5.7.23", "SPF: " + Decision.printable(spf.domain().toLowerCase(Locale.ROOT) + words));
    }

    private static SmtpReply deferral(SpfOutcome spf) {
        return SmtpReply.of(
                451,
                "4.4.3",
                "SPF of " + Decision.printable(spf.domain())
                        + " cannot be checked because of a temporary DNS failure; try again later");
    }
}
