package org.mailserv.server.check.dkim;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.header.Authors;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;
import org.mailserv.server.check.dmarc.Dmarc;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;

/** Verifies the signatures of a message as it streams through. Keys are looked up as soon as the header is complete. RFC 6376, 6. */
public final class DkimVerifier {
    private final Dns dns;
    private final Executor executor;
    private final InstantSource clock;
    private final int maxSignatures;

    /**
     * Creates a verifier.
     *
     * @param executor runs the cryptographic work
     * @param maxSignatures maximum number of signatures that are verified per message; those of the domains nearest to the author's come
     *     first, so that other signatures cannot crowd them out
     */
    public DkimVerifier(Dns dns, Executor executor, InstantSource clock, int maxSignatures) {
        this.dns = dns;
        this.executor = executor;
        this.clock = clock;
        this.maxSignatures = maxSignatures;
    }

    /**
     * Begins a message.
     *
     * @param seals whether an {@link ArcSealer} will use the scan
     */
    public Scan begin(boolean seals) {
        return new Scan(seals);
    }

    private static final class Open {
        final DkimSignature signature;
        final Canonical.Body body;
        CompletionStage<DnsAnswer<String>> key =
                CompletableFuture.completedFuture(new DnsAnswer.TemporaryFailure<>("not asked"));

        Open(DkimSignature signature) {
            this.signature = signature;
            this.body = new Canonical.Body(signature.bodyForm(), DkimSigner.sha256(), signature.bodyLimit());
        }
    }

    /** The scan of one message. */
    public final class Scan extends MessageScan {
        private HeaderBlock block = HeaderBlock.read("");
        private final List<Open> open = new ArrayList<>();
        private final List<DkimOutcome> bad = new ArrayList<>();
        private final Canonical.@Nullable Body sealed;
        private @Nullable ArcVerifier chain;

        private Scan(boolean seals) {
            this.sealed = seals ? new Canonical.Body(Canonical.RELAXED, DkimSigner.sha256(), -1) : null;
        }

        @Override
        protected void header(String text) {
            block = HeaderBlock.read(text);
            chain = new ArcVerifier(block, dns);
            for (DkimSignature signature : nearestFirst(text)) {
                String problem = signature.problem(clock.instant().getEpochSecond());
                if (problem == null && open.size() < maxSignatures) {
                    Open one = new Open(signature);
                    one.key = dns.txt(signature.selector() + "._domainkey." + signature.domain());
                    open.add(one);
                } else if (problem != null && bad.size() < maxSignatures) {
                    bad.add(outcome(signature, DkimResult.PERMERROR, problem));
                }
            }
        }

        /** Returns the signatures, those that can align with an author's domain first. */
        private List<DkimSignature> nearestFirst(String text) {
            List<String> authors = Authors.of(text).occurring().stream()
                    .limit(Dmarc.MAX_DOMAINS)
                    .toList();
            Map<DkimSignature, Integer> distances = new IdentityHashMap<>();
            List<DkimSignature> signatures = new ArrayList<>();
            for (HeaderField field : block.all("DKIM-Signature")) {
                DkimSignature signature = DkimSignature.read(field);
                int nearest = 0;
                for (String author : authors) {
                    boolean same = DomainNames.same(author, signature.domain());
                    nearest = Math.min(nearest, same ? -1000 : -Dmarc.commonLabels(author, signature.domain()));
                }
                distances.put(signature, nearest);
                signatures.add(signature);
            }
            signatures.sort(Comparator.comparing(distances::get));
            return signatures;
        }

        @Override
        protected void body(byte[] octets, int from, int count) {
            for (Open one : open) {
                one.body.feed(octets, from, count);
            }
            if (sealed != null) {
                sealed.feed(octets, from, count);
            }
            if (chain != null) {
                chain.feed(octets, from, count);
            }
        }

        /** Returns the hash of the body for a seal, once; null if no seal was announced. */
        byte @Nullable [] sealedBody() {
            return sealed == null ? null : sealed.finish();
        }

        /** Returns the chain, or null before the header was read. */
        @Nullable
        ArcVerifier chain() {
            return chain;
        }

        /** Returns the result of the chain, after {@link #finish}. The stage does not fail. RFC 8617, 5.2. */
        public CompletionStage<ArcOutcome> arc() {
            ArcVerifier verifier = chain;
            return verifier == null ? CompletableFuture.completedFuture(ArcOutcome.NONE) : verifier.finish(executor);
        }

        /** Returns the header, after the message has ended. */
        public HeaderBlock headerBlock() {
            return block;
        }

        /**
         * Ends the message. The stage does not fail. Each signature has its own result: one that is not known within the time limit is a
         * temporary error, whatever the others are.
         *
         * @return one result for each signature that was verified, those of domains near the author's first; empty if there is none
         */
        public CompletionStage<List<DkimOutcome>> finish(Duration limit) {
            if (!complete()) {
                return CompletableFuture.completedFuture(
                        List.of(new DkimOutcome(DkimResult.POLICY, "", "", "header too large to be verified")));
            }
            CompletionStage<List<DkimOutcome>> all = CompletableFuture.completedFuture(new ArrayList<>());
            for (Open one : open) {
                byte[] hash = one.body.finish();
                all = all.thenCombine(verify(one, hash, limit), (list, result) -> {
                    list.add(result);
                    return list;
                });
            }
            return all.thenApply(list -> {
                list.addAll(bad);
                return list;
            });
        }

        private CompletionStage<DkimOutcome> verify(Open one, byte[] hash, Duration limit) {
            CompletionStage<DkimOutcome> stage;
            try {
                stage = one.key.thenApplyAsync(answer -> judge(block, one, hash, answer), executor);
            } catch (RejectedExecutionException e) {
                stage = CompletableFuture.failedStage(e);
            }
            DkimOutcome late = outcome(one.signature, DkimResult.TEMPERROR, "no answer in time");
            return stage.toCompletableFuture()
                    .completeOnTimeout(late, limit.toMillis(), TimeUnit.MILLISECONDS)
                    .exceptionally(failure -> outcome(one.signature, DkimResult.TEMPERROR, "cannot be verified now"));
        }
    }

    private static DkimOutcome outcome(DkimSignature signature, DkimResult result, String reason) {
        return new DkimOutcome(result, signature.domain(), signature.selector(), reason);
    }

    private static DkimOutcome judge(HeaderBlock block, Open one, byte[] hash, DnsAnswer<String> answer) {
        DkimSignature signature = one.signature;
        if (answer instanceof DnsAnswer.TemporaryFailure<String> failure) {
            return outcome(signature, DkimResult.TEMPERROR, failure.reason());
        } else if (!(answer instanceof DnsAnswer.Found<String> found)) {
            return outcome(signature, DkimResult.PERMERROR, "no key");
        } else {
            DkimOutcome last = outcome(signature, DkimResult.PERMERROR, "no key");
            for (String record : found.records()) {
                last = judge(block, one, hash, DkimSignature.tags(record));
                if (last.passed()) {
                    return last;
                }
            }
            return last;
        }
    }

    private static DkimOutcome judge(HeaderBlock block, Open one, byte[] hash, Map<String, String> key) {
        DkimSignature signature = one.signature;
        String problem = KeyRecord.problem(signature, key);
        if (problem != null) {
            return outcome(signature, DkimResult.PERMERROR, problem);
        } else if (!MessageDigest.isEqual(hash, signature.octets("bh"))) {
            return outcome(signature, DkimResult.FAIL, "body hash did not verify");
        }
        try {
            PublicKey publicKey = KeyRecord.publicKey(signature, key);
            if (KeyRecord.isWeak(publicKey)) {
                return outcome(signature, DkimResult.POLICY, "key of less than 1024 bits");
            }
            byte[] value = signature.octets("b");
            byte[] data = DkimSigner.SignedData.of(
                    block.without(signature.field),
                    signature.signedNames(),
                    signature.withoutValue(),
                    signature.headerForm());
            boolean fits = value != null && KeyRecord.verify(publicKey, signature.isRsa(), data, value);
            if (fits && signature.bodyLimit() >= 0 && one.body.length() > signature.bodyLimit()) {
                // RFC 6376, 8.2: text may have been appended below the signed part.
                return outcome(signature, DkimResult.POLICY, "l= leaves part of the body unsigned");
            }
            return fits
                    ? outcome(
                            signature,
                            DkimResult.PASS,
                            key.getOrDefault("t", "").contains("y") ? "testing" : "")
                    : outcome(signature, DkimResult.FAIL, "signature did not verify");
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return outcome(signature, DkimResult.PERMERROR, "key cannot be used");
        }
    }
}
