package org.mailserv.server.check;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.server.check.MessageChecks.Facts;
import org.mailserv.server.check.authres.HeaderFilter;
import org.mailserv.server.check.dkim.ArcOutcome;
import org.mailserv.server.check.dkim.ArcResult;
import org.mailserv.server.check.dkim.ArcSealer;
import org.mailserv.server.check.dkim.DkimOutcome;
import org.mailserv.server.check.dkim.DkimVerifier;
import org.mailserv.server.check.dmarc.DmarcOutcome;
import org.mailserv.server.check.spf.Spf;
import org.mailserv.server.check.spf.SpfIdentity;
import org.mailserv.server.check.spf.SpfOutcome;
import org.mailserv.server.check.spf.SpfResult;
import org.mailserv.server.net.CidrSet;

/**
 * The authentication of one message from an unknown client: what is known of it, and the results that several checks need. SPF and the
 * verification of signatures run when the first check asks for them, and once. At the end of the message, half of {@code checks.timeout} is
 * for their answers, and the rest for what is asked next; a late answer is a temporary error and changes no other result. One thread at a time.
 */
public final class MessageAuthentication {
    /** The reason of a result whose answer did not come in time. */
    static final String LATE = "no answer in time";

    private final Services services;
    private final Facts facts;
    private final HeaderFilter filter;
    private final boolean seals;
    private DkimVerifier.@Nullable Scan scan;
    private @Nullable CompletableFuture<SpfOutcome> spfLookup;
    private @Nullable CompletionStage<SpfOutcome> spf;
    private @Nullable CompletionStage<List<DkimOutcome>> signatures;
    private @Nullable CompletionStage<ArcOutcome> arc;
    private @Nullable DmarcOutcome dmarc;
    private int listPoints;
    private Instant ended = Instant.MAX;

    /**
     * The services that all messages share.
     *
     * @param hostname the authserv-id
     * @param exempt clients whose mail is not checked
     * @param executor for signing and sealing, which take a millisecond or two
     */
    record Services(
            ChecksConfig config,
            String hostname,
            CidrSet exempt,
            Spf spf,
            DkimVerifier dkim,
            ArcSealer sealer,
            Executor executor,
            InstantSource clock) {}

    MessageAuthentication(Services services, Facts facts) {
        this.services = services;
        this.facts = facts;
        this.filter = new HeaderFilter(services.hostname());
        String forwarder = facts.forwarder();
        this.seals = services.config().dkim()
                && forwarder != null
                && services.sealer().sealsFor(forwarder);
    }

    /** Returns what is known of the client and the envelope. */
    public Facts facts() {
        return facts;
    }

    /** Returns the header as it was received, up to a bound, one character per octet. It is complete at the end of the message. */
    public String header() {
        return filter.header();
    }

    /** Returns whether the header is larger than what {@link #header} returns. */
    public boolean isHeaderTruncated() {
        return filter.isCut();
    }

    /** Begins the SPF check, unless it has begun. */
    void requestSpf() {
        if (spfLookup == null) {
            spfLookup = services.spf()
                    .check(facts.address(), facts.helo(), facts.sender())
                    .toCompletableFuture();
        }
    }

    /** Begins to verify signatures, unless that has begun. Called before the content only. */
    void requestSignatures() {
        if (scan == null) {
            scan = services.dkim().begin(seals);
        }
    }

    /** Returns the domain whose key seals the message when it is forwarded (RFC 8617), or null when it is not sealed. */
    @Nullable
    String sealingDomain() {
        return seals ? facts.forwarder() : null;
    }

    /** Returns the scan of the message by the signature verification, or null when it was not requested. */
    DkimVerifier.@Nullable Scan scan() {
        return scan;
    }

    /** Returns the filter that removes forged fields. */
    HeaderFilter filter() {
        return filter;
    }

    void feed(ByteBuf piece) {
        if (scan != null) {
            scan.feed(piece);
        }
    }

    /** Marks the end of the message, from which on the checks have {@code checks.timeout} left. */
    void end() {
        ended = services.clock().instant();
    }

    /** Returns how much of {@code checks.timeout} is left. */
    Duration remainingTime() {
        Duration left = services.config()
                .timeout()
                .minus(Duration.between(ended, services.clock().instant()));
        return left.isNegative() ? Duration.ZERO : left;
    }

    private Duration half() {
        return services.config().timeout().dividedBy(2);
    }

    /** Returns the result of SPF. Called after {@link #end}. */
    CompletionStage<SpfOutcome> spf() {
        if (spf == null) {
            requestSpf();
            spf = within(spfLookup, lateSpf(), half());
        }
        return spf;
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

    /** Returns the results of all signatures. Called after {@link #end}. */
    CompletionStage<List<DkimOutcome>> signatures() {
        if (signatures == null) {
            signatures = scan == null ? CompletableFuture.completedFuture(List.of()) : scan.finish(half());
        }
        return signatures;
    }

    /** Returns the result of the ARC chain. Called after {@link #end}. */
    CompletionStage<ArcOutcome> arc() {
        if (arc == null) {
            // The scan has read the header once its signatures are being verified.
            signatures();
            arc = scan == null
                    ? CompletableFuture.completedFuture(ArcOutcome.NONE)
                    : within(scan.arc(), new ArcOutcome(ArcResult.TEMPERROR, LATE, 0), half());
        }
        return arc;
    }

    /** Limits a stage in time, without a timer where it is complete already. */
    static <T> CompletionStage<T> within(@Nullable CompletionStage<T> stage, T late, Duration time) {
        CompletableFuture<T> future =
                stage == null ? CompletableFuture.completedFuture(late) : stage.toCompletableFuture();
        return future.isDone() ? future : future.copy().completeOnTimeout(late, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Keeps the outcome of DMARC for the log. */
    void record(DmarcOutcome outcome) {
        dmarc = outcome;
    }

    /** Keeps the points of the DNS lists for the log. */
    void record(int points) {
        listPoints = points;
    }

    /** Returns the results as key-value pairs for the log. Called after all checks have finished. */
    String summary() {
        SpfOutcome spfOutcome = spf == null ? null : spf.toCompletableFuture().getNow(lateSpf());
        List<DkimOutcome> outcomes = signatures == null
                ? List.of()
                : signatures.toCompletableFuture().getNow(List.of());
        ArcOutcome chain =
                arc == null ? ArcOutcome.NONE : arc.toCompletableFuture().getNow(ArcOutcome.NONE);
        return "spf=" + (spfOutcome == null ? "off" : spfOutcome.result().word())
                + " dkim=" + outcomes.stream().map(one -> one.result().word()).toList()
                + " arc=" + chain.result().word()
                + " dmarc=" + (dmarc == null ? "off" : dmarc.result().word())
                + " points=" + listPoints;
    }

    /** Returns the reasons of SPF and DMARC for the log. */
    String reasons() {
        String spfReason =
                spf == null ? "" : spf.toCompletableFuture().getNow(lateSpf()).reason();
        return spfReason + (dmarc == null ? "" : "; " + dmarc.reason());
    }
}
