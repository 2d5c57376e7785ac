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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.header.AddressList;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.ChecksConfig.SpfPolicy;
import org.mailserv.server.check.MessageChecks.Facts;
import org.mailserv.server.check.MessageChecks.Verdict;
import org.mailserv.server.check.authres.HeaderFilter;
import org.mailserv.server.check.dkim.ArcResult;
import org.mailserv.server.check.dkim.ArcSealer;
import org.mailserv.server.check.dkim.DkimVerifier;
import org.mailserv.server.check.dmarc.Dmarc;
import org.mailserv.server.check.dmarc.DmarcOutcome;
import org.mailserv.server.check.dmarc.DmarcPolicy;
import org.mailserv.server.check.dmarc.DmarcRecord;
import org.mailserv.server.check.reputation.DnsLists;
import org.mailserv.server.check.spf.Spf;
import org.mailserv.server.check.spf.SpfOutcome;
import org.mailserv.server.check.spf.SpfResult;
import org.mailserv.server.report.Observations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A message of a stranger: SPF, keys and lists are asked for while the content comes, DMARC when they have answered. */
final class Judging implements MessageChecks.Inspection {
    private static final Logger LOG = LoggerFactory.getLogger(Judging.class);
    private static final Pattern SIGNER = Pattern.compile("(?:^|;)\\s*d\\s*=\\s*([^;\\s]+)");
    private static final int MAX_SIGNERS = 20;
    private static final ArcResult NO_CHAIN = new ArcResult("none", "", 0);
    private static final Duration LEAST = Duration.ofSeconds(1);

    private final Judges judges;
    private final Facts facts;
    private final HeaderFilter filter;
    private final Instant began;
    private final @Nullable String sealing;
    private final DkimVerifier.@Nullable Scan scan;
    private final @Nullable CompletableFuture<SpfOutcome> policy;
    private final CompletionStage<DnsLists.Score> score;

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

    /** What is known when all but DMARC have answered. */
    private record Evidence(
            @Nullable SpfOutcome spf, List<DkimVerifier.Result> signatures, ArcResult arc, DnsLists.Score score) {}

    Judging(Judges judges, Facts facts) {
        this.judges = judges;
        this.facts = facts;
        this.filter = new HeaderFilter(judges.hostname());
        this.began = judges.clock().instant();
        ChecksConfig config = judges.config();
        String forwarder = facts.forwarder();
        this.sealing = config.dkim() && forwarder != null && judges.sealer().sealsFor(forwarder) ? forwarder : null;
        this.scan = config.dkim() ? judges.dkim().begin(sealing != null) : null;
        boolean wantsSpf = config.spf() != SpfPolicy.OFF || config.dmarc() != ChecksConfig.DmarcPolicy.OFF;
        this.policy = wantsSpf
                ? judges.spf()
                        .check(facts.address(), facts.helo(), facts.sender())
                        .toCompletableFuture()
                : null;
        Address sender = facts.sender().address();
        this.score = within(
                judges.lists().ask(facts.address(), facts.helo(), sender == null ? null : sender.domain()),
                new DnsLists.Score(0, List.of()),
                config.timeout());
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
        return filter.pass(piece);
    }

    @Override
    public ByteBuf rest() {
        return filter.finish();
    }

    @Override
    public CompletionStage<Verdict> finish(String added) {
        CompletionStage<List<DkimVerifier.Result>> signatures = scan == null
                ? CompletableFuture.completedFuture(List.of())
                : within(
                                scan.finish(),
                                List.of(new DkimVerifier.Result("temperror", "", "", "", "no answer in time")),
                                judges.config().timeout())
                        .exceptionally(failure -> List.of());
        CompletionStage<ArcResult> chain = scan == null
                ? CompletableFuture.completedFuture(NO_CHAIN)
                : within(
                        scan.arc(),
                        new ArcResult("temperror", "no answer in time", 0),
                        judges.config().timeout());
        CompletionStage<@Nullable SpfOutcome> outcome = policy == null
                ? CompletableFuture.<@Nullable SpfOutcome>completedFuture(null)
                : policy.<@Nullable SpfOutcome>thenApply(it -> it);
        return signatures
                .thenCombine(
                        outcome,
                        (results, spf) -> new Evidence(spf, results, NO_CHAIN, new DnsLists.Score(0, List.of())))
                .thenCombine(chain, (found, arc) -> new Evidence(found.spf(), found.signatures(), arc, found.score()))
                .thenCombine(
                        score, (found, points) -> new Evidence(found.spf(), found.signatures(), found.arc(), points))
                .thenCompose(found -> {
                    CompletionStage<@Nullable DmarcOutcome> dmarc = dmarc(found);
                    return sealing == null
                            ? dmarc.thenApply(it -> verdict(found, it))
                            : dmarc.thenApplyAsync(it -> verdict(found, it), judges.executor());
                });
    }

    private CompletionStage<@Nullable DmarcOutcome> dmarc(Evidence found) {
        if (judges.config().dmarc() == ChecksConfig.DmarcPolicy.OFF) {
            return CompletableFuture.<@Nullable DmarcOutcome>completedFuture(null);
        }
        HeaderBlock header = HeaderBlock.read(filter.header());
        List<String> authors = new ArrayList<>();
        for (HeaderField from : header.all("From")) {
            AddressList.parse(from.value(), "").forEach(address -> authors.add(address.domain()));
        }
        SpfOutcome spf = found.spf();
        Dmarc.Authenticated authenticated = new Dmarc.Authenticated(
                spf != null && spf.result() == SpfResult.PASS ? spf.domain() : null,
                found.signatures().stream()
                        .filter(DkimVerifier.Result::passed)
                        .map(DkimVerifier.Result::domain)
                        .toList(),
                unverified(header, found.signatures()));
        Duration left = judges.config()
                .timeout()
                .minus(Duration.between(began, judges.clock().instant()));
        DmarcOutcome late =
                new DmarcOutcome("temperror", String.join(",", authors), DmarcPolicy.NONE, "no answer in time");
        return within(judges.dmarc().check(authors, authenticated), late, left.compareTo(LEAST) < 0 ? LEAST : left)
                .<@Nullable DmarcOutcome>thenApply(it -> it);
    }

    /** Domains whose signatures may be good, though nobody could tell: a failing DNS refuses no mail. */
    private List<String> unverified(HeaderBlock header, List<DkimVerifier.Result> signatures) {
        List<String> domains = new ArrayList<>();
        for (DkimVerifier.Result one : signatures) {
            if (one.result().equals("temperror") && !one.domain().isEmpty()) {
                domains.add(one.domain());
            }
        }
        boolean unknown =
                scan == null || signatures.stream().anyMatch(one -> one.domain().isEmpty());
        for (HeaderField field : unknown ? header.all("DKIM-Signature") : List.<HeaderField>of()) {
            Matcher signer = SIGNER.matcher(field.value());
            if (domains.size() < MAX_SIGNERS && signer.find()) {
                domains.add(signer.group(1));
            }
        }
        return domains;
    }

    private Verdict verdict(Evidence found, @Nullable DmarcOutcome dmarc) {
        ChecksConfig config = judges.config();
        AuthenticationResults field = new AuthenticationResults(judges.hostname());
        SpfOutcome spf = found.spf();
        SmtpReply refusal = null;
        boolean suspicious = false;
        if (spf != null && config.spf() != SpfPolicy.OFF) {
            field.add("spf", spf.result().word(), "", "smtp." + spf.identity(), spf.domain());
            refusal = config.spf() == SpfPolicy.REJECT && spf.result() == SpfResult.FAIL ? refusal(spf) : null;
        }
        for (DkimVerifier.Result one : found.signatures()) {
            field.add("dkim", one.result(), one.reason(), "header.d", one.domain(), "header.s", one.selector());
        }
        if (scan != null && found.signatures().isEmpty()) {
            field.add("dkim", "none", "");
        }
        if (dmarc != null) {
            field.add("dmarc", dmarc.result(), dmarc.reason(), "header.from", dmarc.domain());
            boolean applies = config.dmarc() == ChecksConfig.DmarcPolicy.APPLY;
            suspicious = applies && dmarc.policy() != DmarcPolicy.NONE;
            if (refusal == null && applies && dmarc.policy() == DmarcPolicy.REJECT) {
                refusal = SmtpReply.of(550, "5.7.1", "Rejected by the DMARC policy of " + printable(dmarc.domain()));
            }
        }
        if (found.arc().sets() > 0 || !found.arc().result().equals("none")) {
            field.add("arc", found.arc().result(), found.arc().reason());
        }
        DnsLists.Score points = found.score();
        if (!points.listed().isEmpty()) {
            boolean over = points.points() >= config.lists().threshold();
            String zones = String.join(",", points.listed());
            field.add("x-dnsbl", over ? "fail" : "pass", points.points() + " points", "dns.zone", zones);
            suspicious |= over;
            if (refusal == null && over && config.lists().refuse()) {
                refusal = SmtpReply.of(550, "5.7.1", "Your address or name is listed by " + zones);
            }
        }
        observe(found, dmarc);
        log(found, dmarc, refusal != null ? "reject" : suspicious ? "mark" : "accept");
        boolean junk = suspicious && config.quarantine() == ChecksConfig.Quarantine.JUNK;
        return new Verdict(
                (refusal == null ? seal(found, field) : "")
                        + field.write()
                        + (suspicious ? "X-Spam-Flag: YES\r\n" : ""),
                refusal,
                junk ? MessageChecks.Disposition.JUNK : MessageChecks.Disposition.DELIVER,
                "");
    }

    /** For the report of the author's domain. */
    private void observe(Evidence found, @Nullable DmarcOutcome dmarc) {
        if (dmarc == null) {
            return;
        }
        DmarcOutcome.Evaluation evaluation = dmarc.evaluation();
        if (evaluation == null || evaluation.record().reports().isEmpty()) {
            return;
        }
        DmarcRecord record = evaluation.record();
        boolean applied = judges.config().dmarc() == ChecksConfig.DmarcPolicy.APPLY;
        List<String> signatures = new ArrayList<>();
        for (DkimVerifier.Result one : found.signatures()) {
            signatures.add(one.domain() + "/" + one.selector() + "/" + one.result());
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

    private void log(Evidence found, @Nullable DmarcOutcome dmarc, String action) {
        SpfOutcome spf = found.spf();
        LOG.info(
                "event=checked peer={} from=<{}> spf={} dkim={} arc={} dmarc={} points={} action={} reason=\"{}\"",
                facts.address().getHostAddress(),
                facts.sender(),
                spf == null ? "off" : spf.result().word(),
                found.signatures().stream().map(DkimVerifier.Result::result).toList(),
                found.arc().result(),
                dmarc == null ? "off" : dmarc.result(),
                found.score().points(),
                action,
                printable((spf == null ? "" : spf.reason()) + (dmarc == null ? "" : "; " + dmarc.reason()))
                        .replace('"', '?'));
    }

    private static SmtpReply refusal(SpfOutcome outcome) {
        // RFC 7208, 8.4, and RFC 7372, 3.2; the domain's own words, as far as they are short.
        String explanation = outcome.explanation();
        String words = explanation == null || explanation.isEmpty() || explanation.length() > 200
                ? " does not let your address send for it"
                : " explains: " + explanation;
        return SmtpReply.of(550, "5.7.23", "SPF: " + printable(outcome.domain().toLowerCase(Locale.ROOT) + words));
    }

    private static String printable(String text) {
        String cut = text.length() > 300 ? text.substring(0, 300) : text;
        return cut.replaceAll("[^ -~]", "?");
    }
}
