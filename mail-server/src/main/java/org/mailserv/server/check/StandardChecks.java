package org.mailserv.server.check;

import io.netty.buffer.ByteBuf;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.check.dkim.DkimVerifier;
import org.mailserv.server.check.spf.Spf;
import org.mailserv.server.check.spf.SpfOutcome;
import org.mailserv.server.check.spf.SpfResult;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.net.CidrSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signs the mail of users and relay clients; for others, puts what SPF and DKIM say into Authentication-Results. RFC 8601. */
public final class StandardChecks implements MessageChecks {
    private static final Logger LOG = LoggerFactory.getLogger(StandardChecks.class);

    private final Parts parts;
    private final CidrSet exempt;
    private final DkimSigner signer;
    private final DkimVerifier verifier;
    private final Spf spf;

    /**
     * What they work with.
     *
     * @param hostname the authserv-id
     * @param executor for arithmetic that takes its time
     */
    public record Parts(
            ChecksConfig config, String hostname, Dns dns, DkimKeys keys, Executor executor, InstantSource clock) {}

    public StandardChecks(Parts parts) {
        this.parts = parts;
        ChecksConfig config = parts.config();
        this.exempt = CidrSet.parse(config.exemptNetworks());
        this.signer = new DkimSigner(parts.keys(), parts.clock());
        this.verifier = new DkimVerifier(parts.dns(), parts.executor(), parts.clock(), config.maxSignatures());
        this.spf = new Spf(parts.dns(), parts.hostname(), config.timeout(), parts.clock());
    }

    @Override
    public @Nullable Inspection begin(Facts facts) {
        ChecksConfig config = parts.config();
        if (facts.ours()) {
            return config.sign() && !parts.keys().isEmpty() ? new Signing() : null;
        }
        boolean nothing = config.spf() == ChecksConfig.SpfPolicy.OFF && !config.dkim();
        return nothing || exempt.contains(facts.address()) ? null : new Judging(facts);
    }

    private final class Signing implements Inspection {
        private final DkimSigner.Scan scan = signer.begin();

        @Override
        public void feed(ByteBuf piece) {
            scan.feed(piece);
        }

        @Override
        public CompletionStage<Verdict> finish(String added) {
            return CompletableFuture.supplyAsync(() -> new Verdict(scan.sign(added), null), parts.executor())
                    .exceptionally(failure -> {
                        LOG.error("event=signing-failed reason=\"{}\"", failure.toString());
                        return Verdict.SILENT;
                    });
        }
    }

    private final class Judging implements Inspection {
        private final Facts facts;
        private final DkimVerifier.@Nullable Scan scan;
        private final @Nullable CompletableFuture<SpfOutcome> policy;

        Judging(Facts facts) {
            this.facts = facts;
            this.scan = parts.config().dkim() ? verifier.begin() : null;
            this.policy = parts.config().spf() == ChecksConfig.SpfPolicy.OFF
                    ? null
                    : spf.check(facts.address(), facts.helo(), facts.sender()).toCompletableFuture();
        }

        @Override
        public void feed(ByteBuf piece) {
            if (scan != null) {
                scan.feed(piece);
            }
        }

        @Override
        public CompletionStage<Verdict> finish(String added) {
            long millis = parts.config().timeout().toMillis();
            CompletableFuture<List<DkimVerifier.Result>> signatures = scan == null
                    ? CompletableFuture.completedFuture(List.of())
                    : scan.finish().toCompletableFuture();
            return signatures
                    .copy()
                    .completeOnTimeout(
                            List.of(new DkimVerifier.Result("temperror", "", "", "", "no answer in time")),
                            millis,
                            TimeUnit.MILLISECONDS)
                    .exceptionally(failure -> List.of())
                    .thenCombine(
                            policy == null
                                    ? CompletableFuture.completedFuture(Optional.empty())
                                    : policy.thenApply(Optional::of),
                            this::verdict);
        }

        private Verdict verdict(List<DkimVerifier.Result> signatures, Optional<SpfOutcome> outcome) {
            AuthenticationResults field = new AuthenticationResults(parts.hostname());
            outcome.ifPresent(one -> field.add("spf", one.result().word(), "", "smtp." + one.identity(), one.domain()));
            for (DkimVerifier.Result one : signatures) {
                field.add("dkim", one.result(), one.reason(), "header.d", one.domain(), "header.s", one.selector());
            }
            if (scan != null && signatures.isEmpty()) {
                field.add("dkim", "none", "");
            }
            LOG.info(
                    "event=checked peer={} from=<{}> spf={} dkim={}",
                    facts.address().getHostAddress(),
                    facts.sender(),
                    outcome.map(one -> one.result().word()).orElse("off"),
                    signatures.stream().map(DkimVerifier.Result::result).toList());
            SpfOutcome refused = outcome.filter(one ->
                            one.result() == SpfResult.FAIL && parts.config().spf() == ChecksConfig.SpfPolicy.REJECT)
                    .orElse(null);
            return new Verdict(field.write(), refused == null ? null : refusal(refused));
        }

        private SmtpReply refusal(SpfOutcome outcome) {
            // RFC 7208, 8.4, and RFC 7372, 3.2; the domain's own words, as far as they are short.
            String explanation = outcome.explanation();
            String words = explanation == null || explanation.isEmpty() || explanation.length() > 200
                    ? " does not let your address send for it"
                    : " explains: " + explanation;
            return SmtpReply.of(550, "5.7.23", "SPF: " + outcome.domain() + words);
        }
    }
}
