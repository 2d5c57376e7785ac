package org.mailserv.server.check;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.header.Authors;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.ChecksConfig.InvalidFrom;
import org.mailserv.server.check.ChecksConfig.OnTemperror;
import org.mailserv.server.check.authres.AuthenticationMethod;
import org.mailserv.server.check.dkim.DkimOutcome;
import org.mailserv.server.check.dkim.DkimResult;
import org.mailserv.server.check.dmarc.Dmarc;
import org.mailserv.server.check.dmarc.DmarcOutcome;
import org.mailserv.server.check.dmarc.DmarcPolicy;
import org.mailserv.server.check.dmarc.DmarcRecord;
import org.mailserv.server.check.dmarc.DmarcResult;
import org.mailserv.server.check.spf.SpfOutcome;
import org.mailserv.server.check.spf.SpfResult;
import org.mailserv.server.report.DmarcObservation;
import org.mailserv.server.report.Observations;

/** Reports the result of DMARC, and applies the policy of the author's domain where that is configured. RFC 9989. */
final class DmarcCheck implements Check {
    private final ChecksConfig config;
    private final Dmarc dmarc;
    private final Observations observations;

    /** @param observations receives what the reports to the authors' domains are made of */
    DmarcCheck(ChecksConfig config, Dmarc dmarc, Observations observations) {
        this.config = config;
        this.dmarc = dmarc;
        this.observations = observations;
    }

    @Override
    public ContentCheck content(MessageAuthentication message) {
        message.requestSpf();
        message.requestSignatures();
        return new Run(message);
    }

    /**
     * The author of a message.
     *
     * @param policies the policies of the author's domains, which are being looked up
     * @param problem the reason why the author cannot be determined, or null
     */
    private record Author(Dmarc.Inquiry policies, @Nullable String problem) {}

    /**
     * The basis of the DMARC result, for the report.
     *
     * @param problem the reason why the author cannot be determined, or null
     */
    private record Result(
            SpfOutcome spf,
            List<DkimOutcome> signatures,
            DmarcOutcome dmarc,
            @Nullable String problem) {}

    private final class Run implements ContentCheck {
        private final MessageAuthentication message;
        private @Nullable Author author;
        private @Nullable Result result;

        Run(MessageAuthentication message) {
            this.message = message;
        }

        @Override
        public void headerComplete() {
            author();
        }

        private Author author() {
            if (author == null) {
                Authors read = Authors.of(message.header());
                Dmarc.Inquiry policies = dmarc.inquire(read.occurring());
                author = new Author(policies, problemOf(message.isHeaderTruncated(), read, policies));
            }
            return author;
        }

        @Override
        public CompletionStage<Finding> finish() {
            return message.spf()
                    .thenCombine(message.signatures(), this::judge)
                    .thenCompose(judged -> judged)
                    .thenApply(judged -> {
                        result = judged;
                        message.record(judged.dmarc());
                        return finding(judged);
                    });
        }

        private CompletionStage<Result> judge(SpfOutcome spf, List<DkimOutcome> signatures) {
            Author read = author();
            Dmarc.Authenticated authenticated = new Dmarc.Authenticated(
                    spf.result() == SpfResult.PASS ? spf.domain() : null,
                    domains(signatures, DkimOutcome::passed),
                    spf.result() == SpfResult.TEMPERROR ? spf.domain() : null,
                    domains(signatures, one -> one.result() == DkimResult.TEMPERROR));
            DmarcOutcome late = DmarcOutcome.unknown(read.policies().domains(), true, MessageAuthentication.LATE);
            return MessageAuthentication.within(read.policies().judge(authenticated), late, message.remainingTime())
                    .thenApply(outcome ->
                            new Result(spf, signatures, withProblem(outcome, read.problem()), read.problem()));
        }

        @Override
        public CompletionStage<String> decided(Decision decision) {
            if (result != null && !decision.isDeferred()) {
                observe(message, result);
            }
            return CompletableFuture.completedFuture("");
        }
    }

    private static @Nullable String problemOf(boolean truncated, Authors authors, Dmarc.Inquiry policies) {
        if (truncated || !authors.complete()) {
            return "header too large";
        } else if (authors.fields() != 1) {
            return authors.fields() == 0 ? "no From field" : authors.fields() + " From fields";
        } else if (!policies.isReadable()) {
            return authors.occurring().isEmpty() ? "no domain in From" : "unreadable From field";
        }
        return null;
    }

    private static List<String> domains(List<DkimOutcome> signatures, Predicate<DkimOutcome> wanted) {
        return signatures.stream()
                .filter(wanted)
                .map(DkimOutcome::domain)
                .filter(domain -> !domain.isEmpty())
                .toList();
    }

    /** Changes a pass into a permanent error when the author cannot be determined, whatever was authenticated. */
    private static DmarcOutcome withProblem(DmarcOutcome outcome, @Nullable String problem) {
        if (problem == null) {
            return outcome;
        }
        boolean stricter = outcome.result() == DmarcResult.FAIL || outcome.result() == DmarcResult.TEMPERROR;
        String reason = outcome.domain().isEmpty() ? problem : problem + "; " + outcome.reason();
        return outcome.with(stricter ? outcome.result() : DmarcResult.PERMERROR, reason);
    }

    private Finding finding(Result judged) {
        DmarcOutcome outcome = judged.dmarc();
        List<AuthenticationResult> results =
                List.of(AuthenticationResult.of(AuthenticationMethod.DMARC, outcome.result(), outcome.reason())
                        .with("header.from", outcome.domain()));
        if (config.dmarc() != ChecksConfig.DmarcPolicy.APPLY) {
            return Finding.report(results);
        }
        SmtpReply byPolicy = byPolicy(outcome);
        SmtpReply byFrom = byFrom(judged.problem());
        boolean suspicious = outcome.policy() != DmarcPolicy.NONE
                || outcome.undecided()
                || judged.problem() != null && config.invalidFrom() != InvalidFrom.ACCEPT;
        boolean fromDecides = byPolicy == null || byPolicy.isTransient() && byFrom != null;
        return new Finding(results, fromDecides ? byFrom : byPolicy, suspicious);
    }

    private @Nullable SmtpReply byPolicy(DmarcOutcome outcome) {
        String domain = Decision.printable(outcome.domain());
        if (outcome.policy() == DmarcPolicy.REJECT) {
            return SmtpReply.of(550, "5.7.1", "Rejected by the DMARC policy of " + domain);
        } else if (outcome.undecided() && config.dmarcTemperror() == OnTemperror.DEFER) {
            return SmtpReply.of(
                    451,
                    "4.7.1",
                    "DMARC of " + domain + " cannot be checked because of a temporary DNS failure; try again later");
        }
        return null;
    }

    private @Nullable SmtpReply byFrom(@Nullable String problem) {
        return problem != null && config.invalidFrom() == InvalidFrom.REJECT
                ? SmtpReply.of(
                        550, "5.7.1", "The author cannot be told: " + problem + " (expected: one From field, RFC 5322)")
                : null;
    }

    /** Notes the message for the aggregate report to the author's domain. RFC 9990. */
    private void observe(MessageAuthentication message, Result judged) {
        DmarcOutcome outcome = judged.dmarc();
        DmarcOutcome.Evaluation evaluation = outcome.evaluation();
        if (evaluation == null || evaluation.record().reports().isEmpty()) {
            return;
        }
        DmarcRecord record = evaluation.record();
        boolean applied = config.dmarc() == ChecksConfig.DmarcPolicy.APPLY;
        Address sender = message.facts().sender().address();
        observations.add(new DmarcObservation(
                published(record),
                record.reports(),
                new DmarcObservation.Row(
                        message.facts().address().getHostAddress(),
                        applied ? outcome.policy() : DmarcPolicy.NONE,
                        evaluation.dkim(),
                        evaluation.spf(),
                        outcome.domain(),
                        sender == null ? "" : sender.domain(),
                        judged.signatures().stream()
                                .map(one -> new DmarcObservation.Signature(one.domain(), one.selector(), one.result()))
                                .toList(),
                        judged.spf().domain(),
                        judged.spf().result())));
    }

    private static DmarcObservation.PublishedPolicy published(DmarcRecord record) {
        return new DmarcObservation.PublishedPolicy(
                record.domain(),
                record.policy(),
                record.subdomains(),
                record.nonExistent(),
                record.strictDkim(),
                record.strictSpf(),
                record.testing());
    }
}
