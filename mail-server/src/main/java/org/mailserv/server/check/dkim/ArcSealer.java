package org.mailserv.server.check.dkim;

import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;

/** Seals messages that are forwarded, so that the next server can rely on the results found here. RFC 8617, 5.1. */
public final class ArcSealer {
    private final DkimKeys keys;
    private final InstantSource clock;

    public ArcSealer(DkimKeys keys, InstantSource clock) {
        this.keys = keys;
        this.clock = clock;
    }

    /** Returns whether the domain has a key that can seal. Only RSA keys do, because few verifiers support others. */
    public boolean sealsFor(String domain) {
        return key(domain) != null;
    }

    private @Nullable DkimKey key(String domain) {
        return keys.signing(domain.toLowerCase(Locale.ROOT)).stream()
                .filter(key -> key.algorithm().equals("rsa"))
                .findFirst()
                .orElse(null);
    }

    /**
     * Creates an ARC set. Takes a millisecond or two, so it should not run on an event loop.
     *
     * @param scan the scan of the message, which has ended
     * @param verdict the result of the chain so far
     * @param results the value of the Authentication-Results field
     * @return the fields of the set, each with its CRLF; empty if no set may be added
     */
    public String seal(String domain, DkimVerifier.Scan scan, ArcOutcome verdict, String results) {
        DkimKey key = key(domain);
        byte[] bodyHash = scan.sealedBody();
        ArcVerifier chain = scan.chain();
        if (key == null || bodyHash == null || chain == null) {
            return "";
        } else if (verdict.result() == ArcResult.TEMPERROR || hasFailed(scan.headerBlock())) {
            return "";
        }
        boolean whole = verdict.result() != ArcResult.FAIL;
        int instance = highest(scan.headerBlock()) + 1;
        if (instance > ArcSet.MOST) {
            return "";
        }
        String own = "i=" + instance + "; a=rsa-sha256; ";
        String place = "d=" + key.domain() + "; s=" + key.selector() + "; t="
                + clock.instant().getEpochSecond() + ";";
        HeaderField result = field(ArcSet.RESULTS, "i=" + instance + "; " + results.strip());
        try {
            HeaderField message = signedMessage(key, scan.headerBlock(), own + "c=relaxed/relaxed; " + place, bodyHash);
            String cv = verdict.result() == ArcResult.NONE ? "none" : whole ? "pass" : "fail";
            HeaderField unsigned = field(ArcSet.SEAL, own + "cv=" + cv + "; " + place + "\r\n\tb=");
            List<ArcSet> sets = new ArrayList<>(whole ? chain.sets() : List.of());
            sets.add(new ArcSet(result, DkimSignature.read(message), DkimSignature.read(unsigned)));
            HeaderField seal = withValue(unsigned, DkimSigner.sign(key, ArcVerifier.sealed(sets)));
            return seal.raw() + message.raw() + result.raw();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that was read cannot sign: " + key, e);
        }
    }

    /** Returns whether an earlier seal says that the chain failed. Nothing is added then. RFC 8617, 5.1.2. */
    private static boolean hasFailed(HeaderBlock block) {
        return block.all(ArcSet.SEAL).stream()
                .anyMatch(seal -> DkimSignature.read(seal).tag("cv", "").equalsIgnoreCase("fail"));
    }

    private static int highest(HeaderBlock block) {
        int highest = 0;
        for (HeaderField seal : block.all(ArcSet.SEAL)) {
            String instance = DkimSignature.read(seal).tag("i", "");
            highest = instance.matches("[0-9]{1,3}") ? Math.max(highest, Integer.parseInt(instance)) : highest;
        }
        return highest;
    }

    private static HeaderField signedMessage(DkimKey key, HeaderBlock block, String tags, byte[] bodyHash)
            throws GeneralSecurityException {
        List<String> names = new ArrayList<>(DkimSigner.namesIn(block));
        block.all("DKIM-Signature").forEach(field -> names.add("dkim-signature"));
        HeaderField open = field(
                ArcSet.MESSAGE,
                tags + "\r\n\th=" + DkimSigner.folded(names) + ";\r\n\tbh="
                        + Base64.getEncoder().encodeToString(bodyHash) + ";\r\n\tb=");
        byte[] data = DkimSigner.SignedData.of(block, names, open, Canonical.RELAXED);
        return withValue(open, DkimSigner.sign(key, data));
    }

    private static HeaderField field(String name, String value) {
        return new HeaderField(name, name + ": " + value + "\r\n");
    }

    private static HeaderField withValue(HeaderField open, byte[] signature) {
        String value = Base64.getEncoder().encodeToString(signature).replaceAll("(.{70})(?=.)", "$1\r\n\t");
        return new HeaderField(open.name(), open.raw().stripTrailing() + value + "\r\n");
    }
}
