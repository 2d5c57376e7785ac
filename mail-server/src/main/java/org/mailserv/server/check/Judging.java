package org.mailserv.server.check;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.header.Authors;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.ChecksConfig.SpfPolicy;
import org.mailserv.server.check.MessageChecks.Facts;
import org.mailserv.server.check.MessageChecks.Verdict;
import org.mailserv.server.check.authres.HeaderFilter;
import org.mailserv.server.check.dkim.ArcOutcome;
import org.mailserv.server.check.dkim.ArcResult;
import org.mailserv.server.check.dkim.ArcSealer;
import org.mailserv.server.check.dkim.DkimOutcome;
import org.mailserv.server.check.dkim.DkimResult;
import org.mailserv.server.check.dkim.DkimVerifier;
import org.mailserv.server.check.dmarc.Dmarc;
import org.mailserv.server.check.dmarc.DmarcOutcome;
import org.mailserv.server.check.dmarc.DmarcPolicy;
import org.mailserv.server.check.dmarc.DmarcRecord;
import org.mailserv.server.check.dmarc.DmarcResult;
import org.mailserv.server.check.reputation.DnsLists;
import org.mailserv.server.check.spf.Spf;
import org.mailserv.server.check.spf.SpfIdentity;
import org.mailserv.server.check.spf.SpfOutcome;
import org.mailserv.server.check.spf.SpfResult;
import org.mailserv.server.report.Observations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checks of one message from an unknown client. SPF and lists are asked when the content begins, keys and DMARC policies when the header
 * is over. At the end, half of the time-out is for their answers, and the rest for what DMARC has still to ask. Each check keeps its own result:
 * a late one is a temporary error, and changes no other.
 */
final class Judging implements MessageChecks.Inspection {
    private static final Logger LOG = LoggerFactory.getLogger(Judging.class);
    private static final SmtpReply NOT_CHECKED =
            SmtpReply.of(451, "4.3.0", "The message cannot be checked now, please try again later");
    private static final String LATE = "no answer in time";

    private final Judges judges;
    private final Facts facts;
    private final HeaderFilter filter;
    private final @Nullable String sealing;
    private final DkimVerifier.@Nullable Scan scan;
    private final @Nullable CompletableFuture<SpfOutcome> policy;
    private final CompletionStage<DnsLists.Score> score;
    private @Nullable Author author;

    /** What all messages share. */
    record Judges(
            ChecksConfig config,
            String hostname,
            Spf spf,
            DkimVerifier dkim,
            Dmarc dmarc,
            DnsLists lists,
            ArcSealer sealer,
            Executor executor,
            Observations observations,
            InstantSource clock) {}

    /**
     * The author, by the header.
     *
     * @param policies of the author's domains, which are being asked for
     * @param problem why the author cannot be told, or null
     */
    private record Author(Dmarc.Inquiry policies, @Nullable String problem) {}

    Judging(Judges judges, Facts facts) {
        this.judges = judges;
        this.facts = facts;
        this.filter = new HeaderFilter(judges.hostname());
        ChecksConfig config = judges.config();
        String forwarder = facts.forwarder();
        this.sealing = config.dkim() && forwarder != null && judges.sealer().sealsFor(forwarder) ? forwarder : null;
        // DMARC needs both, whether their own results are wanted or not.
        boolean wantsDmarc = config.dmarc() != ChecksConfig.DmarcPolicy.OFF;
        this.scan = config.dkim() || wantsDmarc ? judges.dkim().begin(sealing != null) : null;
        this.policy = config.spf() != SpfPolicy.OFF || wantsDmarc
                ? judges.spf()
                        .check(facts.address(), facts.helo(), facts.sender())
                        .toCompletableFuture()
                : null;
        Address sender = facts.sender().address();
        this.score = judges.lists().ask(facts.address(), facts.helo(), sender == null ? null : sender.domain());
    }

    private static <T> CompletionStage<T> within(CompletionStage<T> stage, T otherwise, Duration time) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        return future.isDone()
                ? stage
                : future.copy().completeOnTimeout(otherwise, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void feed(ByteBuf piece) {
        if (scan != null) {
            scan.feed(piece);
        }
    }

    @Override
    public ByteBuf filter(ByteBuf piece) {
        ByteBuf passed = filter.pass(piece);
        if (filter.isHeaderOver()) {
            author();
        }
        return passed;
    }

    @Override
    public ByteBuf rest() {
        return filter.finish();
    }

    /** Reads the author once the header is there, and begins to look for policies. */
    private @Nullable Author author() {
        if (author == null && judges.config().dmarc() != ChecksConfig.DmarcPolicy.OFF) {
            Authors read = Authors.of(filter.header());
            Dmarc.Inquiry policies = judges.dmarc().inquire(read.occurring());
            author = new Author(policies, problemOf(read, policies));
        }
        return author;
    }

    private @Nullable String problemOf(Authors authors, Dmarc.Inquiry policies) {
        if (filter.isCut() || !authors.complete()) {
            return "header too large";
        } else if (authors.fields() != 1) {
            return authors.fields() == 0 ? "no From field" : authors.fields() + " From fields";
        } else if (!policies.isReadable()) {
            return authors.occurring().isEmpty() ? "no domain in From" : "From that cannot be read";
        }
        return null;
    }

    @Override
    public CompletionStage<Verdict> finish(String added) {
        Instant began = judges.clock().instant();
        Duration timeout = judges.config().timeout();
        Duration half = timeout.dividedBy(2);
        CompletionStage<@Nullable List<DkimOutcome>> signatures = scan == null
                ? CompletableFuture.<@Nullable List<DkimOutcome>>completedFuture(null)
                : scan.finish(half).<@Nullable List<DkimOutcome>>thenApply(it -> it);
        CompletionStage<ArcOutcome> chain = scan == null
                ? CompletableFuture.completedFuture(ArcOutcome.NONE)
                : within(scan.arc(), new ArcOutcome(ArcResult.TEMPERROR, LATE, 0), half);
        CompletionStage<@Nullable SpfOutcome> outcome = policy == null
                ? CompletableFuture.<@Nullable SpfOutcome>completedFuture(null)
                : within(policy, lateSpf(), half).<@Nullable SpfOutcome>thenApply(it -> it);
        return signatures
                .thenCombine(
                        outcome,
                        (results, spf) -> new Evidence(
                                spf, results, ArcOutcome.NONE, new DnsLists.Score(0, List.of()), null, null))
                .thenCombine(
                        chain,
                        (found, arc) -> new Evidence(found.spf(), found.signatures(), arc, found.score(), null, null))
                .thenCombine(
                        score,
                        (found, points) ->
                                new Evidence(found.spf(), found.signatures(), found.arc(), points, null, null))
                .thenCompose(found -> withDmarc(
                        found,
                        timeout.minus(Duration.between(began, judges.clock().instant()))))
                .thenCompose(found -> sealing == null
                        ? CompletableFuture.completedFuture(verdict(found))
                        : CompletableFuture.supplyAsync(() -> verdict(found), judges.executor()))
                .exceptionally(this::failed);
    }

    /** What could not be checked is not taken for good. */
    private Verdict failed(Throwable failure) {
        LOG.error(
                "event=checks-failed peer={} from=<{}> reason=\"{}\"",
                facts.address().getHostAddress(),
                facts.sender(),
                Decision.printable(String.valueOf(failure)).replace('"', '?'));
        return new Verdict("", NOT_CHECKED);
    }

    private SpfOutcome lateSpf() {
        Address sender = facts.sender().address();
        return new SpfOutcome(
                SpfResult.TEMPERROR,
                sender == null ? SpfIdentity.HELO : SpfIdentity.MAILFROM,
                sender == null ? facts.helo() : sender.domain(),
                LATE,
                null);
    }

    private CompletionStage<Evidence> withDmarc(Evidence found, Duration left) {
        Author read = author();
        if (read == null) {
            return CompletableFuture.completedFuture(found);
        }
        SpfOutcome spf = found.spf();
        Dmarc.Authenticated authenticated = new Dmarc.Authenticated(
                spf != null && spf.result() == SpfResult.PASS ? spf.domain() : null,
                domains(found, DkimOutcome::passed),
                spf != null && spf.result() == SpfResult.TEMPERROR ? spf.domain() : null,
                domains(found, one -> one.result() == DkimResult.TEMPERROR));
        DmarcOutcome late = DmarcOutcome.unknown(read.policies().domains(), true, LATE);
        return within(read.policies().judge(authenticated), late, left.isNegative() ? Duration.ZERO : left)
                .thenApply(outcome -> found.withDmarc(withProblem(outcome, read.problem()), read.problem()));
    }

    private static List<String> domains(Evidence found, Predicate<DkimOutcome> wanted) {
        return found.results().stream()
                .filter(wanted)
                .map(DkimOutcome::domain)
                .filter(domain -> !domain.isEmpty())
                .toList();
    }

    /** A message whose author cannot be told has not passed, whatever was found. */
    private static DmarcOutcome withProblem(DmarcOutcome outcome, @Nullable String problem) {
        if (problem == null) {
            return outcome;
        }
        boolean bad = outcome.result() == DmarcResult.FAIL || outcome.result() == DmarcResult.TEMPERROR;
        String reason = outcome.domain().isEmpty() ? problem : problem + "; " + outcome.reason();
        return outcome.with(bad ? outcome.result() : DmarcResult.PERMERROR, reason);
    }

    private Verdict verdict(Evidence found) {
        ChecksConfig config = judges.config();
        Decision decision = new Decision(config, judges.hostname(), found);
        SmtpReply refusal = decision.refusal();
        boolean suspicious = decision.isSuspicious();
        if (refusal == null || !refusal.isTransient()) {
            observe(found);
        }
        log(found, decision.action());
        boolean junk = suspicious && config.quarantine() == ChecksConfig.Quarantine.JUNK;
        return new Verdict(
                (refusal == null ? seal(found, decision.field()) : "")
                        + decision.field().write()
                        + (suspicious ? "X-Spam-Flag: YES\r\n" : ""),
                refusal,
                junk ? MessageChecks.Disposition.JUNK : MessageChecks.Disposition.DELIVER,
                "");
    }

    /** Notes the message for the report of the author's domain. */
    private void observe(Evidence found) {
        DmarcOutcome dmarc = found.dmarc();
        DmarcOutcome.Evaluation evaluation = dmarc == null ? null : dmarc.evaluation();
        if (dmarc == null || evaluation == null || evaluation.record().reports().isEmpty()) {
            return;
        }
        DmarcRecord record = evaluation.record();
        boolean applied = judges.config().dmarc() == ChecksConfig.DmarcPolicy.APPLY;
        List<String> signatures = new ArrayList<>();
        for (DkimOutcome one : found.results()) {
            signatures.add(
                    one.domain() + "/" + one.selector() + "/" + one.result().word());
        }
        Address sender = facts.sender().address();
        SpfOutcome spf = found.spf();
        judges.observations()
                .add(
                        Observations.Kind.DMARC,
                        record.domain(),
                        word(record.policy()),
                        word(record.subdomains()),
                        word(record.nonExistent()),
                        record.strictDkim() ? "s" : "r",
                        record.strictSpf() ? "s" : "r",
                        record.testing() ? "y" : "n",
                        String.join(",", record.reports()),
                        facts.address().getHostAddress(),
                        applied ? word(dmarc.policy()) : "none",
                        evaluation.dkim() ? "pass" : "fail",
                        evaluation.spf() ? "pass" : "fail",
                        dmarc.domain(),
                        sender == null ? "" : sender.domain(),
                        String.join(",", signatures),
                        spf == null ? "" : spf.domain(),
                        spf == null ? "none" : spf.result().word());
    }

    private static String word(DmarcPolicy policy) {
        return policy.name().toLowerCase(Locale.ROOT);
    }

    /** A message that is forwarded says further on what was found here. */
    private String seal(Evidence found, AuthenticationResults field) {
        return sealing == null || scan == null ? "" : judges.sealer().seal(sealing, scan, found.arc(), field.value());
    }

    private void log(Evidence found, String action) {
        SpfOutcome spf = found.spf();
        DmarcOutcome dmarc = found.dmarc();
        LOG.info(
                "event=checked peer={} from=<{}> spf={} dkim={} arc={} dmarc={} points={} action={} reason=\"{}\"",
                facts.address().getHostAddress(),
                facts.sender(),
                spf == null ? "off" : spf.result().word(),
                found.results().stream().map(one -> one.result().word()).toList(),
                found.arc().result().word(),
                dmarc == null ? "off" : dmarc.result().word(),
                found.score().points(),
                action,
                Decision.printable((spf == null ? "" : spf.reason()) + (dmarc == null ? "" : "; " + dmarc.reason()))
                        .replace('"', '?'));
    }
}
