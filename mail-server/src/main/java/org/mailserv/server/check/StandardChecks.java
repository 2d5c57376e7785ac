package org.mailserv.server.check;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.dkim.ArcSealer;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.check.dkim.DkimVerifier;
import org.mailserv.server.check.dmarc.Dmarc;
import org.mailserv.server.check.reputation.DnsLists;
import org.mailserv.server.check.reputation.Greylist;
import org.mailserv.server.check.spf.Spf;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.TimeLimitedDns;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.report.Observations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signs the mail of users and relay clients; for others, puts what SPF, DKIM, DMARC and lists say into Authentication-Results. RFC 8601. */
public final class StandardChecks implements MessageChecks {
    private static final Logger LOG = LoggerFactory.getLogger(StandardChecks.class);

    private static final SmtpReply COME_AGAIN = SmtpReply.of(451, "4.7.1", "Greylisted, please try again later");

    /** RFC 7208, 4.6.4; the end of the message may cut it short. */
    private static final Duration SPF_LIMIT = Duration.ofSeconds(20);

    private final Parts parts;
    private final CidrSet exempt;
    private final DkimSigner signer;
    private final Judging.Judges judges;

    /**
     * What they work with.
     *
     * @param hostname the authserv-id
     * @param greylist what is known of clients, or null without greylisting
     * @param executor for arithmetic that takes its time
     * @param observations for reports to authors' domains
     */
    public record Parts(
            ChecksConfig config,
            String hostname,
            Dns dns,
            DkimKeys keys,
            @Nullable Greylist greylist,
            Executor executor,
            Observations observations,
            InstantSource clock) {}

    public StandardChecks(Parts parts) {
        this.parts = parts;
        ChecksConfig config = parts.config();
        this.exempt = CidrSet.parse(config.exemptNetworks());
        this.signer = new DkimSigner(parts.keys(), parts.clock());
        // Two questions in turn fit into the deadline: of SPF or a key, and of DMARC for what they authenticated.
        Dns dns = new TimeLimitedDns(parts.dns(), config.timeout().dividedBy(2));
        Duration spfLimit = config.timeout().compareTo(SPF_LIMIT) < 0 ? SPF_LIMIT : config.timeout();
        this.judges = new Judging.Judges(
                config,
                parts.hostname(),
                new Spf(dns, parts.hostname(), spfLimit, parts.clock()),
                new DkimVerifier(dns, parts.executor(), parts.clock(), config.maxSignatures()),
                new Dmarc(dns),
                new DnsLists(dns, config.lists().zones()),
                new ArcSealer(parts.keys(), parts.clock()),
                parts.executor(),
                parts.observations(),
                parts.clock());
    }

    @Override
    public @Nullable Inspection begin(Facts facts) {
        ChecksConfig config = parts.config();
        if (facts.ours()) {
            return config.sign() && !parts.keys().isEmpty() ? new Signing(facts) : null;
        }
        boolean nothing = config.spf() == ChecksConfig.SpfPolicy.OFF
                && config.dmarc() == ChecksConfig.DmarcPolicy.OFF
                && !config.dkim()
                && config.lists().zones().isEmpty();
        return nothing || exempt.contains(facts.address()) ? null : new Judging(judges, facts);
    }

    @Override
    public @Nullable SmtpReply recipient(Facts facts, Address recipient) {
        Greylist greylist = parts.greylist();
        boolean taken = greylist == null
                || facts.ours()
                || exempt.contains(facts.address())
                || greylist.admits(facts.address(), facts.sender().toString(), recipient.toString());
        return taken ? null : COME_AGAIN;
    }

    private final class Signing implements Inspection {
        private final DkimSigner.Scan scan = signer.begin();
        private final Facts facts;

        Signing(Facts facts) {
            this.facts = facts;
        }

        @Override
        public void feed(ByteBuf piece) {
            scan.feed(piece);
        }

        @Override
        public CompletionStage<Verdict> finish(String added) {
            return CompletableFuture.supplyAsync(() -> verdict(scan.sign(added)), parts.executor())
                    .exceptionally(failure -> {
                        LOG.error(
                                "event=signing-failed id={} from=<{}> reason=\"{}\"",
                                facts.id(),
                                facts.sender(),
                                failure.toString());
                        return Verdict.SILENT;
                    });
        }

        private Verdict verdict(DkimSigner.Signed signed) {
            String problem = signed.problem();
            if (problem != null) {
                LOG.info(
                        "event=not-signed id={} peer={} from=<{}> reason=\"{}\"",
                        facts.id(),
                        facts.address().getHostAddress(),
                        facts.sender(),
                        problem.replaceAll("[^ -~]|[\"\\\\]", "?"));
            }
            return new Verdict(signed.fields(), null);
        }
    }
}
