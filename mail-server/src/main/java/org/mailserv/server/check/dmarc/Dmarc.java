package org.mailserv.server.check.dmarc;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.Dns.MxRecord;
import org.mailserv.server.dns.DnsAnswer;

/** Checks authors' domains against their policies. Any thread; the stages never fail. RFC 9989. */
public final class Dmarc {
    private final Dns dns;

    public Dmarc(Dns dns) {
        this.dns = dns;
    }

    /**
     * What was authenticated.
     *
     * @param spf the domain for which SPF passed, or null
     * @param dkim the domains of valid signatures
     * @param unverified the domains of signatures that nobody has verified, for now or at all: with one that would align, the message
     *     did not fail
     */
    public record Authenticated(@Nullable String spf, List<String> dkim, List<String> unverified) {}

    /** Checks a message whose From field has the given domains. */
    public CompletionStage<DmarcOutcome> check(List<String> authorDomains, Authenticated authenticated) {
        List<String> domains =
                authorDomains.stream().map(Dmarc::ascii).distinct().toList();
        if (domains.size() != 1 || domains.get(0).isEmpty()) {
            String reason = domains.isEmpty() ? "no author" : "authors of several domains";
            return done(new DmarcOutcome("permerror", String.join(",", domains), DmarcPolicy.NONE, reason));
        }
        String author = domains.get(0);
        return TreeWalk.from(dns, author)
                .thenCompose(found -> judge(author, found, authenticated))
                .exceptionally(failure -> {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    String reason = cause instanceof TreeWalk.Failure ? String.valueOf(cause.getMessage()) : "" + cause;
                    return new DmarcOutcome("temperror", author, DmarcPolicy.NONE, reason);
                });
    }

    private CompletionStage<DmarcOutcome> judge(String author, TreeWalk.Found found, Authenticated authenticated) {
        DmarcRecord record = found.own() != null ? found.own() : found.above();
        if (record == null) {
            return done(new DmarcOutcome("none", author, DmarcPolicy.NONE, "no policy"));
        }
        List<Claim> spf = new ArrayList<>();
        if (authenticated.spf() != null) {
            spf.add(new Claim(ascii(authenticated.spf()), record.strictSpf()));
        }
        CompletionStage<Boolean> bySpf = aligned(author, found.organizational(), spf, 0);
        CompletionStage<Boolean> byDkim =
                aligned(author, found.organizational(), claims(authenticated.dkim(), record), 0);
        return bySpf.thenCombine(byDkim, (one, other) -> new DmarcOutcome.Evaluation(record, one, other))
                .thenCompose(evaluation -> {
                    if (evaluation.spf() || evaluation.dkim()) {
                        String text = text(record, record.policy());
                        return done(new DmarcOutcome("pass", author, DmarcPolicy.NONE, text, evaluation));
                    }
                    List<Claim> open = claims(authenticated.unverified(), record);
                    return aligned(author, found.organizational(), open, 0)
                            .thenCompose(unknown -> unknown
                                    ? done(new DmarcOutcome("none", author, DmarcPolicy.NONE, "signature not verified"))
                                    : failed(author, found, evaluation));
                });
    }

    private static List<Claim> claims(List<String> domains, DmarcRecord record) {
        return domains.stream()
                .map(domain -> new Claim(ascii(domain), record.strictDkim()))
                .toList();
    }

    private record Claim(String domain, boolean strict) {}

    /** Whether a claim aligns. RFC 9989, 4.4. */
    private CompletionStage<Boolean> aligned(String author, String organizational, List<Claim> claims, int index) {
        if (index == claims.size()) {
            return done(false);
        }
        Claim claim = claims.get(index);
        if (claim.domain().equals(author)) {
            return done(true);
        } else if (claim.strict() || !isWithin(claim.domain(), organizational)) {
            return aligned(author, organizational, claims, index + 1);
        }
        return TreeWalk.from(dns, claim.domain())
                .thenCompose(found -> found.organizational().equals(organizational)
                        ? done(true)
                        : aligned(author, organizational, claims, index + 1));
    }

    private static boolean isWithin(String domain, String organizational) {
        return domain.equals(organizational) || domain.endsWith("." + organizational);
    }

    private CompletionStage<DmarcOutcome> failed(
            String author, TreeWalk.Found found, DmarcOutcome.Evaluation evaluation) {
        DmarcRecord record = evaluation.record();
        if (found.own() != null) {
            return done(fail(author, evaluation, record.policy()));
        } else if (record.subdomains() == record.nonExistent()) {
            return done(fail(author, evaluation, record.subdomains()));
        }
        return exists(author)
                .thenApply(there -> fail(author, evaluation, there ? record.subdomains() : record.nonExistent()));
    }

    private static DmarcOutcome fail(String author, DmarcOutcome.Evaluation evaluation, DmarcPolicy policy) {
        DmarcRecord record = evaluation.record();
        DmarcPolicy applied = record.testing() ? policy.milder() : policy;
        return new DmarcOutcome("fail", author, applied, text(record, policy), evaluation);
    }

    private static String text(DmarcRecord record, DmarcPolicy policy) {
        return "p=" + policy.name().toLowerCase(Locale.ROOT) + (record.testing() ? " t=y" : "") + " of "
                + record.domain();
    }

    /** Whether a domain has mail exchangers or addresses; a failing DNS counts for it. RFC 9989, 3.2.11. */
    private CompletionStage<Boolean> exists(String domain) {
        return dns.mx(domain)
                .thenCompose((DnsAnswer<MxRecord> mx) ->
                        isNo(mx) ? dns.addresses(domain).thenApply(address -> !isNo(address)) : done(true));
    }

    private static boolean isNo(DnsAnswer<?> answer) {
        return answer instanceof DnsAnswer.NoData || answer instanceof DnsAnswer.NoSuchDomain;
    }

    private static String ascii(String domain) {
        String ascii = DomainNames.toAscii(domain);
        return ascii == null ? "" : ascii;
    }

    private static <T> CompletionStage<T> done(T value) {
        return CompletableFuture.completedFuture(value);
    }
}
