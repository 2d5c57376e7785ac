package org.mailserv.server.check.dmarc;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.Dns.MxRecord;
import org.mailserv.server.dns.DnsAnswer;

/** Checks authors' domains against their policies. Any thread; the stages never fail. RFC 9989. */
public final class Dmarc {
    /** Maximum number of author domains that are checked. */
    public static final int MAX_DOMAINS = 10;

    private static final Pattern NAME = Pattern.compile("[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63}){0,126}");

    private final Dns dns;

    public Dmarc(Dns dns) {
        this.dns = dns;
    }

    /**
     * The authenticated domains, and those that could not be determined. An unknown result never counts in the sender's favour. A message
     * that it could authenticate has not failed either.
     *
     * @param spf the domain for which SPF passed, or null
     * @param dkim the domains of valid signatures
     * @param unknownSpf the domain for which SPF has no answer for now, or null
     * @param unknownDkim the domains of signatures whose key is temporarily unavailable
     */
    public record Authenticated(
            @Nullable String spf,
            List<String> dkim,
            @Nullable String unknownSpf,
            List<String> unknownDkim) {
        public Authenticated {
            dkim = List.copyOf(dkim);
            unknownDkim = List.copyOf(unknownDkim);
        }
    }

    /** Checks a message whose From fields have the given domains. */
    public CompletionStage<DmarcOutcome> check(List<String> authorDomains, Authenticated authenticated) {
        return inquire(authorDomains).judge(authenticated);
    }

    /**
     * Begins to look up policies while the rest of the message is still arriving.
     *
     * @param authorDomains the domains of the From fields, in Unicode or ASCII form
     */
    public Inquiry inquire(List<String> authorDomains) {
        return new Inquiry(authorDomains);
    }

    /** The policies that apply to one message. */
    public final class Inquiry {
        private final Map<String, CompletionStage<TreeWalk.Found>> authors = new LinkedHashMap<>();
        private final boolean readable;

        private Inquiry(List<String> authorDomains) {
            boolean all = !authorDomains.isEmpty();
            for (String domain : authorDomains) {
                String ascii = ascii(domain);
                boolean usable = !ascii.isEmpty() && (authors.containsKey(ascii) || authors.size() < MAX_DOMAINS);
                all &= usable;
                if (usable) {
                    authors.computeIfAbsent(ascii, name -> TreeWalk.from(dns, name));
                }
            }
            this.readable = all;
        }

        /** Returns whether there is at least one domain, all of them are valid, and they are not too many. */
        public boolean isReadable() {
            return readable;
        }

        /** Returns the domains in ASCII, with commas between them. */
        public String domains() {
            return String.join(",", authors.keySet());
        }

        /** Judges the message: of several domains, the one with the strictest outcome decides. */
        public CompletionStage<DmarcOutcome> judge(Authenticated authenticated) {
            CompletionStage<DmarcOutcome> strictest = done(
                    DmarcOutcome.of(readable ? DmarcResult.PASS : DmarcResult.PERMERROR, "", "no domain of an author"));
            boolean first = true;
            for (Map.Entry<String, CompletionStage<TreeWalk.Found>> author : authors.entrySet()) {
                Judgment judgment = new Judgment(author.getKey(), authenticated);
                CompletionStage<DmarcOutcome> outcome = author.getValue()
                        .thenCompose(judgment::judge)
                        .exceptionally(problem -> DmarcOutcome.unknown(author.getKey(), true, "internal: " + problem));
                strictest = first ? outcome : strictest.thenCombine(outcome, DmarcOutcome::orStricter);
                first = false;
            }
            return strictest;
        }
    }

    /** The check of one author domain. */
    private final class Judgment {
        private final String author;
        private final Authenticated authenticated;

        Judgment(String author, Authenticated authenticated) {
            this.author = author;
            this.authenticated = authenticated;
        }

        CompletionStage<DmarcOutcome> judge(TreeWalk.Found found) {
            DmarcRecord record = found.own() != null ? found.own() : found.above();
            if (record == null) {
                return done(withoutRecord(found.failure()));
            }
            CompletionStage<Alignment> bySpf = aligned(found, single(authenticated.spf()), record.strictSpf());
            CompletionStage<Alignment> byDkim = aligned(found, authenticated.dkim(), record.strictDkim());
            return bySpf.thenCombine(byDkim, (spf, dkim) -> evaluate(found, record, spf, dkim))
                    .thenCompose(outcome -> outcome);
        }

        /** Returns the outcome without a record. A domain that is exactly the author's makes the message pass whatever the policy is. */
        private DmarcOutcome withoutRecord(@Nullable String failure) {
            if (failure == null) {
                return DmarcOutcome.of(DmarcResult.NONE, author, "no policy");
            }
            boolean same = author.equals(ascii(authenticated.spf()))
                    || authenticated.dkim().stream()
                            .anyMatch(domain -> ascii(domain).equals(author));
            return DmarcOutcome.unknown(author, !same, failure);
        }

        private CompletionStage<DmarcOutcome> evaluate(
                TreeWalk.Found found, DmarcRecord record, Alignment spf, Alignment dkim) {
            DmarcOutcome.Evaluation evaluation =
                    new DmarcOutcome.Evaluation(record, spf == Alignment.YES, dkim == Alignment.YES);
            if (evaluation.spf() || evaluation.dkim()) {
                String text = text(record, record.policy());
                return done(new DmarcOutcome(DmarcResult.PASS, author, DmarcPolicy.NONE, false, text, evaluation));
            }
            CompletionStage<Alignment> unknownSpf =
                    aligned(found, single(authenticated.unknownSpf()), record.strictSpf());
            CompletionStage<Alignment> unknownDkim = aligned(found, authenticated.unknownDkim(), record.strictDkim());
            return unknownSpf
                    .thenCombine(unknownDkim, Alignment::or)
                    .thenCombine(policy(found, record), (open, policy) -> {
                        boolean unknown = open != Alignment.NO || spf.or(dkim) == Alignment.UNKNOWN;
                        return unknown ? unknown(record, policy) : failed(record, policy, evaluation);
                    });
        }

        private DmarcOutcome unknown(DmarcRecord record, Policy policy) {
            boolean matters = applied(record, policy.asked()) != DmarcPolicy.NONE || policy.unknown();
            return DmarcOutcome.unknown(
                    author, matters, "SPF or a key could not be looked up; " + text(record, policy.asked()));
        }

        private DmarcOutcome failed(DmarcRecord record, Policy policy, DmarcOutcome.Evaluation evaluation) {
            if (policy.unknown()) {
                return DmarcOutcome.unknown(author, true, "existence of the domain could not be looked up");
            }
            DmarcPolicy applied = applied(record, policy.asked());
            return new DmarcOutcome(DmarcResult.FAIL, author, applied, false, text(record, policy.asked()), evaluation);
        }

        /** The policy for the author's domain: a subdomain that does not exist has its own. RFC 9989, 4.7. */
        private CompletionStage<Policy> policy(TreeWalk.Found found, DmarcRecord record) {
            if (found.own() != null) {
                return done(new Policy(record.policy(), false));
            } else if (record.subdomains() == record.nonExistent()) {
                return done(new Policy(record.subdomains(), false));
            }
            return exists(author).thenApply(there -> switch (there) {
                case YES -> new Policy(record.subdomains(), false);
                case NO -> new Policy(record.nonExistent(), false);
                case UNKNOWN -> new Policy(record.subdomains(), true);
            });
        }

        /** Looks for an aligned domain among several. RFC 9989, 4.4. */
        private CompletionStage<Alignment> aligned(TreeWalk.Found found, List<String> domains, boolean strict) {
            CompletionStage<Alignment> best = done(Alignment.NO);
            for (String domain : domains) {
                best = best.thenCombine(aligned(found, ascii(domain), strict), Alignment::or);
            }
            return best;
        }

        private CompletionStage<Alignment> aligned(TreeWalk.Found found, String claim, boolean strict) {
            if (claim.equals(author)) {
                return done(Alignment.YES);
            } else if (strict || claim.isEmpty()) {
                return done(Alignment.NO);
            } else if (found.failure() != null) {
                // The organizational domain is unknown: only domains without anything in common are known not to align.
                return done(commonLabels(claim, author) >= 2 ? Alignment.UNKNOWN : Alignment.NO);
            } else if (!isWithin(claim, found.organizational())) {
                return done(Alignment.NO);
            }
            return TreeWalk.from(dns, claim).thenApply(other -> {
                boolean same = other.organizational().equals(found.organizational());
                return other.failure() != null ? Alignment.UNKNOWN : same ? Alignment.YES : Alignment.NO;
            });
        }
    }

    /**
     * A policy.
     *
     * @param unknown whether the real policy may differ, because the DNS failed
     */
    private record Policy(DmarcPolicy asked, boolean unknown) {}

    private static List<String> single(@Nullable String domain) {
        return domain == null ? List.of() : List.of(domain);
    }

    private static boolean isWithin(String domain, String organizational) {
        return domain.equals(organizational) || domain.endsWith("." + organizational);
    }

    /** Returns the number of labels that two domains have in common, from the right. */
    public static int commonLabels(String one, String other) {
        String[] a = ascii(one).split("\\.", -1);
        String[] b = ascii(other).split("\\.", -1);
        int common = 0;
        while (common < Math.min(a.length, b.length) && a[a.length - 1 - common].equals(b[b.length - 1 - common])) {
            common++;
        }
        return common;
    }

    /** Returns the policy to apply: a domain in test mode has it applied one step milder. RFC 9989, 4.7. */
    private static DmarcPolicy applied(DmarcRecord record, DmarcPolicy policy) {
        return record.testing() ? policy.milder() : policy;
    }

    private static String text(DmarcRecord record, DmarcPolicy policy) {
        return "p=" + policy.name().toLowerCase(Locale.ROOT) + (record.testing() ? " t=y" : "") + " of "
                + record.domain();
    }

    /** Returns whether a domain has mail exchangers or addresses. RFC 9989, 3.2.11. */
    private CompletionStage<Alignment> exists(String domain) {
        return dns.mx(domain)
                .thenCompose((DnsAnswer<MxRecord> mx) ->
                        isNo(mx) ? dns.addresses(domain).thenApply(Dmarc::known) : done(known(mx)));
    }

    private static Alignment known(DnsAnswer<?> answer) {
        return isNo(answer)
                ? Alignment.NO
                : answer instanceof DnsAnswer.TemporaryFailure ? Alignment.UNKNOWN : Alignment.YES;
    }

    private static boolean isNo(DnsAnswer<?> answer) {
        return answer instanceof DnsAnswer.NoData || answer instanceof DnsAnswer.NoSuchDomain;
    }

    /** Returns the A-label form, or an empty string if the text is no domain. */
    private static String ascii(@Nullable String domain) {
        String ascii = domain == null ? null : DomainNames.toAscii(domain);
        return ascii != null && NAME.matcher(ascii).matches() ? ascii : "";
    }

    private static <T> CompletionStage<T> done(T value) {
        return CompletableFuture.completedFuture(value);
    }
}
