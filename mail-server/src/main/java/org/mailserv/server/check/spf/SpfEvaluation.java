package org.mailserv.server.check.spf;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.check.spf.SpfRecord.Directive;
import org.mailserv.server.dns.Dns.MxRecord;
import org.mailserv.server.dns.DnsAnswer;

/** Evaluates check_host() for one domain. An include or a redirect creates another evaluation that shares the query. RFC 7208, 4. */
final class SpfEvaluation {
    private static final CompletionStage<Boolean> NO = CompletableFuture.completedFuture(false);
    private static final CompletionStage<Boolean> YES = CompletableFuture.completedFuture(true);
    private static final int MAX_NAMES = 10;

    private final SpfQuery query;
    private final String domain;

    SpfEvaluation(SpfQuery query, String domain) {
        this.query = query;
        this.domain = domain;
    }

    /** The result of one domain's policy. */
    record Verdict(
            SpfResult result, String reason, @Nullable String explanation) {}

    /** Evaluates the policy. The stage fails with {@link SpfException}, possibly wrapped in a completion exception, for the error results. */
    CompletionStage<Verdict> evaluate() {
        if (!isDomain(domain)) {
            return done(new Verdict(SpfResult.NONE, "no domain", null));
        }
        return query.dns.txt(bare(domain)).thenCompose(answer -> {
            List<String> policies = records(answer, "policy of " + domain).stream()
                    .filter(SpfRecord::isPolicy)
                    .toList();
            if (policies.isEmpty()) {
                return done(new Verdict(SpfResult.NONE, "no policy", null));
            } else if (policies.size() > 1) {
                throw SpfException.permanent("more than one policy");
            }
            SpfRecord policy = SpfRecord.parse(policies.get(0));
            return from(policy, 0);
        });
    }

    private CompletionStage<Verdict> from(SpfRecord policy, int index) {
        if (index == policy.directives().size()) {
            return withoutMatch(policy);
        }
        Directive directive = policy.directives().get(index);
        if (directive.looksUp()) {
            query.countLookup();
        }
        return matches(directive).thenCompose(hit -> hit ? decided(policy, directive) : from(policy, index + 1));
    }

    private CompletionStage<Verdict> decided(SpfRecord policy, Directive directive) {
        Verdict plain = new Verdict(directive.qualifier(), directive.text(), null);
        String spec = policy.explanation();
        if (directive.qualifier() != SpfResult.FAIL || spec == null) {
            return done(plain);
        }
        return explanation(spec)
                .exceptionally(failure -> null)
                .thenApply(text -> new Verdict(plain.result(), plain.reason(), text));
    }

    private CompletionStage<Verdict> withoutMatch(SpfRecord policy) {
        String redirect = policy.redirect();
        if (redirect == null) {
            return done(new Verdict(SpfResult.NEUTRAL, "nothing matches", null));
        }
        query.countLookup();
        return expand(redirect)
                .thenCompose(target -> new SpfEvaluation(query, target).evaluate())
                .thenApply(verdict -> {
                    if (verdict.result() == SpfResult.NONE) {
                        throw SpfException.permanent("no policy behind redirect=" + redirect);
                    }
                    return verdict;
                });
    }

    private CompletionStage<Boolean> matches(Directive directive) {
        return switch (directive.kind()) {
            case ALL -> YES;
            case IP4, IP6 -> network(directive) ? YES : NO;
            case INCLUDE -> target(directive).thenCompose(this::include);
            case A -> target(directive).thenCompose(name -> hasAddress(name, directive));
            case MX -> target(directive).thenCompose(name -> hasExchange(name, directive));
            case EXISTS -> target(directive).thenCompose(this::exists);
            case PTR -> target(directive).thenCompose(this::isNamed);
        };
    }

    private boolean network(Directive directive) {
        byte[] network = directive.network();
        return network != null
                && SpfQuery.matches(
                        network,
                        query.client.getAddress(),
                        network.length == 4 ? directive.bits4() : directive.bits6());
    }

    private CompletionStage<String> target(Directive directive) {
        String spec = directive.domain();
        return spec == null ? done(domain) : expand(spec);
    }

    private CompletionStage<Boolean> include(String name) {
        return new SpfEvaluation(query, name).evaluate().thenApply(verdict -> {
            if (verdict.result() == SpfResult.NONE) {
                throw SpfException.permanent("no policy behind include:" + name);
            }
            return verdict.result() == SpfResult.PASS;
        });
    }

    private CompletionStage<DnsAnswer<InetAddress>> addresses(String name) {
        return ask(name, query.isIpv4() ? query.dns::ipv4 : query.dns::ipv6);
    }

    /** Asks the DNS. A name that the DNS cannot represent counts as one that does not exist. */
    private static <T> CompletionStage<DnsAnswer<T>> ask(
            String name, Function<String, CompletionStage<DnsAnswer<T>>> question) {
        String bare = bare(name);
        return isLabels(bare) ? question.apply(bare) : done(new DnsAnswer.NoSuchDomain<>(false));
    }

    private CompletionStage<Boolean> hasAddress(String name, Directive directive) {
        return addresses(name).thenApply(answer -> contains(counted(answer, name), directive));
    }

    private boolean contains(List<InetAddress> addresses, Directive directive) {
        byte[] client = query.client.getAddress();
        int bits = query.isIpv4() ? directive.bits4() : directive.bits6();
        return addresses.stream().anyMatch(address -> SpfQuery.matches(address.getAddress(), client, bits));
    }

    private CompletionStage<Boolean> hasExchange(String name, Directive directive) {
        return ask(name, query.dns::mx).thenCompose(answer -> {
            List<MxRecord> exchanges = counted(answer, name);
            if (exchanges.size() > MAX_NAMES) {
                throw SpfException.permanent("more than " + MAX_NAMES + " mail exchangers: " + name);
            }
            return any(
                    exchanges.stream()
                            .map(MxRecord::exchange)
                            .filter(host -> !host.isEmpty())
                            .toList(),
                    0,
                    (host, found) -> contains(found, directive),
                    true);
        });
    }

    /** Looks up the addresses of one name after the other until one of them satisfies the predicate. */
    private CompletionStage<Boolean> any(
            List<String> names, int index, BiFunction<String, List<InetAddress>, Boolean> test, boolean strict) {
        if (index == names.size()) {
            return NO;
        }
        String name = names.get(index);
        return addresses(name).thenCompose(answer -> {
            List<InetAddress> found = strict ? counted(answer, name) : recordsOrNone(answer);
            return test.apply(name, found) ? YES : any(names, index + 1, test, strict);
        });
    }

    private CompletionStage<Boolean> exists(String name) {
        return ask(name, query.dns::ipv4)
                .thenApply(answer -> !counted(answer, name).isEmpty());
    }

    private CompletionStage<Boolean> isNamed(String suffix) {
        String wanted = bare(suffix).toLowerCase(Locale.ROOT);
        return names(true).thenApply(names -> names.stream().anyMatch(name -> isWithin(name, wanted)));
    }

    private static boolean isWithin(String name, String domain) {
        return name.equals(domain) || name.endsWith("." + domain);
    }

    /** Returns the client's forward-confirmed names, at most ten. A DNS error counts as no name. RFC 7208, 5.5. */
    private CompletionStage<List<String>> names(boolean counts) {
        return query.dns.ptr(query.client).thenCompose(answer -> {
            List<String> names = recordsOrNone(answer);
            if (counts && !(answer instanceof DnsAnswer.TemporaryFailure) && names.isEmpty()) {
                query.countVoid();
            }
            List<String> confirmed = new ArrayList<>();
            byte[] client = query.client.getAddress();
            List<String> few = names.subList(0, Math.min(names.size(), MAX_NAMES));
            return any(
                            few,
                            0,
                            (name, found) -> {
                                if (found.stream()
                                        .anyMatch(address ->
                                                SpfQuery.matches(address.getAddress(), client, client.length * 8))) {
                                    confirmed.add(bare(name).toLowerCase(Locale.ROOT));
                                }
                                return false;
                            },
                            false)
                    .thenApply(none -> confirmed);
        });
    }

    /** Returns the value of the macro "p": the domain itself, else a name below it, else any name, else "unknown". RFC 7208, 7.3. */
    private CompletionStage<String> clientName(String text) {
        if (!SpfMacros.wantsName(text)) {
            return done("unknown");
        }
        String own = bare(domain).toLowerCase(Locale.ROOT);
        return names(false).thenApply(names -> {
            if (names.contains(own)) {
                return own;
            }
            return names.stream()
                    .filter(name -> isWithin(name, own))
                    .findFirst()
                    .orElse(names.isEmpty() ? "unknown" : names.get(0));
        });
    }

    private CompletionStage<String> expand(String spec) {
        return clientName(spec).thenApply(name -> {
            String expanded = SpfMacros.expand(spec, letter -> query.value(letter, domain, name), false);
            // RFC 7208, 7.3: a name that is too long loses labels on its left.
            while (expanded.length() > 253 && expanded.indexOf('.') >= 0) {
                expanded = expanded.substring(expanded.indexOf('.') + 1);
            }
            return expanded;
        });
    }

    private CompletionStage<@Nullable String> explanation(String spec) {
        return expand(spec).thenCompose(name -> ask(name, query.dns::txt)).thenCompose(answer -> {
            List<String> texts = recordsOrNone(answer);
            if (texts.size() != 1 || texts.get(0).chars().anyMatch(c -> c < ' ' || c > 126)) {
                return CompletableFuture.<@Nullable String>completedFuture(null);
            }
            String text = texts.get(0);
            return clientName(text)
                    .<@Nullable String>thenApply(
                            name -> SpfMacros.expand(text, letter -> query.value(letter, domain, name), true));
        });
    }

    /** Returns the records of an answer. An empty answer counts as a void lookup, and a failed one ends the check with a temporary error. */
    private <T> List<T> counted(DnsAnswer<T> answer, String name) {
        List<T> records = records(answer, name);
        if (records.isEmpty()) {
            query.countVoid();
        }
        return records;
    }

    private static <T> List<T> records(DnsAnswer<T> answer, String name) {
        if (answer instanceof DnsAnswer.TemporaryFailure<T> failure) {
            throw SpfException.temporary(name + ": " + failure.reason());
        }
        return recordsOrNone(answer);
    }

    private static <T> List<T> recordsOrNone(DnsAnswer<T> answer) {
        return answer instanceof DnsAnswer.Found<T> found ? found.records() : List.of();
    }

    private static <T> CompletionStage<T> done(T value) {
        return CompletableFuture.completedFuture(value);
    }

    private static String bare(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** Returns whether the name has several labels, as a domain must. RFC 7208, 4.3. */
    private static boolean isDomain(String domain) {
        String bare = bare(domain);
        return !bare.startsWith("[") && bare.indexOf('.') > 0 && isLabels(bare);
    }

    private static boolean isLabels(String name) {
        if (name.isEmpty() || name.length() > 253) {
            return false;
        }
        for (String label : name.split("\\.", -1)) {
            if (label.isEmpty() || label.length() > 63) {
                return false;
            }
        }
        return true;
    }
}
