package org.mailserv.server.check;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.ChecksConfig.SpfPolicy;
import org.mailserv.server.check.dkim.ArcResult;
import org.mailserv.server.check.dkim.DkimOutcome;
import org.mailserv.server.check.dmarc.DmarcOutcome;
import org.mailserv.server.check.dmarc.DmarcPolicy;
import org.mailserv.server.check.reputation.DnsLists;
import org.mailserv.server.check.spf.SpfOutcome;
import org.mailserv.server.check.spf.SpfResult;

/** Decides on a message by the results of its checks: the reply when it is not taken, whether it is suspicious, and the field that says so. */
final class Decision {
    private final ChecksConfig config;
    private final Evidence evidence;
    private final AuthenticationResults field;
    private @Nullable SmtpReply refusal;
    private boolean suspicious;

    Decision(ChecksConfig config, String hostname, Evidence evidence) {
        this.config = config;
        this.evidence = evidence;
        this.field = new AuthenticationResults(hostname);
        spf();
        dkim();
        dmarc();
        arc();
        lists();
    }

    /** Returns the reply when the message is not taken, or null. */
    @Nullable
    SmtpReply refusal() {
        return refusal;
    }

    boolean isSuspicious() {
        return suspicious;
    }

    AuthenticationResults field() {
        return field;
    }

    /** Returns the action in a word, for the log. */
    String action() {
        if (refusal != null) {
            return refusal.isTransient() ? "defer" : "reject";
        }
        return suspicious ? "mark" : "accept";
    }

    /** A refusal for good goes before one for now: there is no use in coming again. */
    private void refuse(SmtpReply reply) {
        if (refusal == null || refusal.isTransient() && !reply.isTransient()) {
            refusal = reply;
        }
    }

    private void spf() {
        SpfOutcome spf = evidence.spf();
        if (spf == null || config.spf() == SpfPolicy.OFF) {
            return;
        }
        field.add("spf", spf.result().word(), "", "smtp." + spf.identity().word(), spf.domain());
        if (config.spf() == SpfPolicy.REJECT && spf.result() == SpfResult.FAIL) {
            refuse(refusalOf(spf));
        } else if (config.spf() == SpfPolicy.REJECT && spf.result() == SpfResult.TEMPERROR) {
            spfTemperror(spf);
        }
    }

    /** Without an answer the sender may be forged, and whoever slows the DNS down must not gain by it. RFC 7208, 8.6. */
    private void spfTemperror(SpfOutcome spf) {
        suspicious = true;
        if (config.spfTemperror() == ChecksConfig.OnTemperror.DEFER) {
            refuse(SmtpReply.of(
                    451,
                    "4.4.3",
                    "SPF of " + printable(spf.domain())
                            + " cannot be checked because of a temporary DNS failure; try again later"));
        }
    }

    private void dkim() {
        if (!config.dkim()) {
            return;
        }
        for (DkimOutcome one : evidence.results()) {
            field.add("dkim", one.result().word(), one.reason(), "header.d", one.domain(), "header.s", one.selector());
        }
        if (evidence.signatures() != null && evidence.signatures().isEmpty()) {
            field.add("dkim", "none", "");
        }
    }

    private void dmarc() {
        DmarcOutcome dmarc = evidence.dmarc();
        if (dmarc == null) {
            return;
        }
        field.add("dmarc", dmarc.result().word(), dmarc.reason(), "header.from", dmarc.domain());
        if (config.dmarc() != ChecksConfig.DmarcPolicy.APPLY) {
            return;
        }
        suspicious |= dmarc.policy() != DmarcPolicy.NONE;
        if (dmarc.policy() == DmarcPolicy.REJECT) {
            refuse(SmtpReply.of(550, "5.7.1", "Rejected by the DMARC policy of " + printable(dmarc.domain())));
        } else if (dmarc.undecided()) {
            undecided(dmarc);
        }
        String problem = evidence.fromProblem();
        if (problem != null) {
            suspicious |= config.invalidFrom() != ChecksConfig.InvalidFrom.ACCEPT;
            if (config.invalidFrom() == ChecksConfig.InvalidFrom.REJECT) {
                refuse(SmtpReply.of(
                        550,
                        "5.7.1",
                        "The author cannot be told: " + problem + " (expected: one From field, RFC 5322)"));
            }
        }
    }

    private void undecided(DmarcOutcome dmarc) {
        suspicious = true;
        if (config.dmarcTemperror() == ChecksConfig.OnTemperror.DEFER) {
            refuse(SmtpReply.of(
                    451,
                    "4.7.1",
                    "DMARC of " + printable(dmarc.domain())
                            + " cannot be checked for now: the DNS fails; try again later"));
        }
    }

    private void arc() {
        if (config.dkim() && (evidence.arc().sets() > 0 || evidence.arc().result() != ArcResult.NONE)) {
            field.add("arc", evidence.arc().result().word(), evidence.arc().reason());
        }
    }

    private void lists() {
        DnsLists.Score points = evidence.score();
        if (points.listed().isEmpty()) {
            return;
        }
        boolean over = points.points() >= config.lists().threshold();
        String names = String.join(",", points.listed());
        field.add("x-dnsbl", over ? "fail" : "pass", points.points() + " points", "dns.zone", names);
        suspicious |= over;
        if (over && config.lists().refuse()) {
            refuse(SmtpReply.of(550, "5.7.1", "Your address or name is listed by " + names));
        }
    }

    private static SmtpReply refusalOf(SpfOutcome outcome) {
        // RFC 7208, 8.4, and RFC 7372, 3.2; the domain's own words, as far as they are short.
        String explanation = outcome.explanation();
        String words = explanation == null || explanation.isEmpty() || explanation.length() > 200
                ? " does not let your address send for it"
                : " explains: " + explanation;
        return SmtpReply.of(550, "5.7.23", "SPF: " + printable(outcome.domain().toLowerCase(Locale.ROOT) + words));
    }

    /** Returns a text as it may stand in a reply or in the log. */
    static String printable(String text) {
        String cut = text.length() > 300 ? text.substring(0, 300) : text;
        return cut.replaceAll("[^ -~]", "?");
    }
}
