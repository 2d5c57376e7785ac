package org.mailserv.server.check.spf;

import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.check.spf.SpfEvaluation.Verdict;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.text.Failures;

/** Checks clients against the SPF policies of sender domains (RFC 7208). Any thread may call it; the returned stages never fail. */
public final class Spf {
    private final Dns dns;
    private final String receiver;
    private final Duration bound;
    private final InstantSource clock;

    /**
     * Creates a checker.
     *
     * @param receiver the name of this server, for the macro "r"
     * @param bound time after which a check ends with a temporary error; RFC 7208, 4.6.4 asks for at least 20 seconds
     */
    public Spf(Dns dns, String receiver, Duration bound, InstantSource clock) {
        this.dns = dns;
        this.receiver = receiver;
        this.bound = bound;
        this.clock = clock;
    }

    /** Checks the reverse-path, or the HELO name if the reverse-path is {@code <>}. RFC 7208, 2.4. */
    public CompletionStage<SpfOutcome> check(InetAddress client, String helo, ReversePath sender) {
        Address address = sender.address();
        return address == null
                ? check(client, helo, "postmaster", helo, SpfIdentity.HELO)
                : check(client, helo, address.localPart(), address.domain(), SpfIdentity.MAILFROM);
    }

    /** Checks the HELO name. RFC 7208, 2.3. */
    public CompletionStage<SpfOutcome> checkHelo(InetAddress client, String helo) {
        return check(client, helo, "postmaster", helo, SpfIdentity.HELO);
    }

    CompletionStage<SpfOutcome> check(
            InetAddress client, String helo, String localPart, String domain, SpfIdentity identity) {
        SpfQuery query = new SpfQuery(
                dns, client, helo, localPart, domain, receiver, clock.instant().getEpochSecond());
        CompletionStage<Verdict> verdict = new SpfEvaluation(query, domain).evaluate();
        Verdict late = new Verdict(SpfResult.TEMPERROR, "no answer within " + bound.toSeconds() + " s", null);
        return verdict.toCompletableFuture()
                .copy()
                .completeOnTimeout(late, bound.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(Spf::errorOf)
                .thenApply(decided ->
                        new SpfOutcome(decided.result(), identity, domain, decided.reason(), decided.explanation()));
    }

    private static Verdict errorOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof SpfException error
                ? new Verdict(error.result(), Failures.text(error), null)
                : new Verdict(SpfResult.TEMPERROR, "internal: " + cause, null);
    }
}
