package org.mailserv.server.check.dkim;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.text.Failures;

/** Verifies the ARC chain of one message: its newest message signature, and each seal. RFC 8617, 5.2. */
final class ArcVerifier {
    private final HeaderBlock block;
    private final List<ArcSet> sets;
    private final @Nullable String broken;
    private final Map<String, CompletionStage<DnsAnswer<String>>> keys = new HashMap<>();
    private final Canonical.@Nullable Body body;

    /** Starts the look-ups of the keys. */
    ArcVerifier(HeaderBlock block, Dns dns) {
        this.block = block;
        List<ArcSet> read = List.of();
        String problem = null;
        try {
            read = ArcSet.read(block);
        } catch (ArcSet.BrokenChainException e) {
            problem = Failures.text(e);
        }
        for (ArcSet set : read) {
            problem = problem == null ? problemOf(set) : problem;
        }
        this.sets = read;
        this.broken = problem;
        boolean verifies = problem == null && !sets.isEmpty();
        if (verifies) {
            for (ArcSet set : sets) {
                ask(dns, set.seal());
            }
            ask(dns, newest().message());
        }
        this.body = verifies
                ? new Canonical.Body(
                        newest().message().bodyForm(),
                        DkimSigner.sha256(),
                        newest().message().bodyLimit())
                : null;
    }

    private ArcSet newest() {
        return sets.get(sets.size() - 1);
    }

    private static @Nullable String problemOf(ArcSet set) {
        for (DkimSignature one : List.of(set.message(), set.seal())) {
            String algorithm = one.tag("a", "");
            if (!algorithm.equals("rsa-sha256") && !algorithm.equals("ed25519-sha256")
                    || one.domain().isEmpty()
                    || one.selector().isEmpty()
                    || one.tag("b", "").isEmpty()) {
                return "a tag is missing";
            }
        }
        boolean sealsSeals = set.message().signedNames().stream().anyMatch(ArcSet.SEAL::equalsIgnoreCase);
        return sealsSeals || set.seal().tags.containsKey("h") ? "a tag that must not be" : null;
    }

    private void ask(Dns dns, DkimSignature signature) {
        keys.computeIfAbsent(nameOf(signature), dns::txt);
    }

    private static String nameOf(DkimSignature signature) {
        return signature.selector() + "._domainkey." + signature.domain();
    }

    void feed(byte[] octets, int from, int count) {
        if (body != null) {
            body.feed(octets, from, count);
        }
    }

    /** Ends the message. The stage does not fail. */
    CompletionStage<ArcOutcome> finish(Executor executor) {
        if (broken != null) {
            return CompletableFuture.completedFuture(new ArcOutcome(ArcResult.FAIL, broken, sets.size()));
        } else if (body == null) {
            return CompletableFuture.completedFuture(ArcOutcome.NONE);
        }
        byte[] hash = body.finish();
        CompletionStage<Map<String, DnsAnswer<String>>> answers = CompletableFuture.completedFuture(new HashMap<>());
        for (Map.Entry<String, CompletionStage<DnsAnswer<String>>> key : keys.entrySet()) {
            answers = answers.thenCombine(key.getValue(), (map, answer) -> {
                map.put(key.getKey(), answer);
                return map;
            });
        }
        return answers.thenApplyAsync(found -> judge(hash, found), executor)
                .exceptionally(
                        failure -> new ArcOutcome(ArcResult.TEMPERROR, "" + Failures.text(failure), sets.size()));
    }

    private ArcOutcome judge(byte[] hash, Map<String, DnsAnswer<String>> answers) {
        for (DnsAnswer<String> answer : answers.values()) {
            if (answer instanceof DnsAnswer.TemporaryFailure<String> failure) {
                return new ArcOutcome(ArcResult.TEMPERROR, failure.reason(), sets.size());
            }
        }
        DkimSignature message = newest().message();
        if (!MessageDigest.isEqual(hash, message.octets("bh"))) {
            return fail(sets.size(), "body hash did not verify");
        }
        byte[] data = DkimSigner.SignedData.of(
                block.without(message.field), message.signedNames(), message.withoutValue(), message.headerForm());
        if (!KeyRecord.verifies(message, answers.get(nameOf(message)), data)) {
            return fail(sets.size(), "message signature did not verify");
        }
        for (int i = sets.size(); i > 0; i--) {
            DkimSignature seal = sets.get(i - 1).seal();
            if (!KeyRecord.verifies(seal, answers.get(nameOf(seal)), sealed(sets.subList(0, i)))) {
                return fail(i, "seal did not verify");
            }
        }
        return new ArcOutcome(ArcResult.PASS, "", sets.size());
    }

    private ArcOutcome fail(int instance, String reason) {
        return new ArcOutcome(ArcResult.FAIL, "i=" + instance + ": " + reason, sets.size());
    }

    /** Returns the octets that the last seal of these sets covers. RFC 8617, 5.1.1. */
    static byte[] sealed(List<ArcSet> sets) {
        StringBuilder text = new StringBuilder();
        List<ArcSet> before = new ArrayList<>(sets);
        ArcSet last = before.remove(before.size() - 1);
        for (ArcSet set : before) {
            text.append(Canonical.RELAXED.field(set.results()))
                    .append(Canonical.RELAXED.field(set.message().field))
                    .append(Canonical.RELAXED.field(set.seal().field));
        }
        String seal = Canonical.RELAXED.field(last.seal().withoutValue());
        text.append(Canonical.RELAXED.field(last.results()))
                .append(Canonical.RELAXED.field(last.message().field))
                .append(seal, 0, seal.length() - 2);
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Returns the sets of a chain that may be extended. */
    List<ArcSet> sets() {
        return sets;
    }
}
