package org.mailserv.server.check.dkim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;

/**
 * The fields that one server added to a message. RFC 8617, 4.1.
 *
 * @param results its ARC-Authentication-Results
 * @param message its ARC-Message-Signature
 * @param seal its ARC-Seal
 */
record ArcSet(HeaderField results, DkimSignature message, DkimSignature seal) {
    static final String RESULTS = "ARC-Authentication-Results";
    static final String MESSAGE = "ARC-Message-Signature";
    static final String SEAL = "ARC-Seal";
    /** Maximum number of sets in a message. RFC 8617, 5.1.1.3. */
    static final int MOST = 50;

    /** Thrown if a chain cannot be parsed. */
    static final class BrokenChainException extends Exception {
        private static final long serialVersionUID = 1;

        BrokenChainException(String message) {
            super(message);
        }
    }

    /** Returns the sets of a message in order, or an empty list if there are none. RFC 8617, 5.2, steps 1 to 3. */
    static List<ArcSet> read(HeaderBlock block) throws BrokenChainException {
        Map<Integer, HeaderField> results = byInstance(block, RESULTS);
        Map<Integer, HeaderField> messages = byInstance(block, MESSAGE);
        Map<Integer, HeaderField> seals = byInstance(block, SEAL);
        if (!results.keySet().equals(messages.keySet()) || !results.keySet().equals(seals.keySet())) {
            throw new BrokenChainException("a set is not whole");
        }
        List<ArcSet> sets = new ArrayList<>();
        for (int i = 1; i <= results.size(); i++) {
            HeaderField field = results.get(i);
            HeaderField message = messages.get(i);
            HeaderField seal = seals.get(i);
            if (field == null || message == null || seal == null) {
                throw new BrokenChainException("set " + i + " is missing");
            }
            ArcSet set = new ArcSet(field, DkimSignature.read(message), DkimSignature.read(seal));
            String cv = set.seal.tag("cv", "").toLowerCase(Locale.ROOT);
            if (!cv.equals(i == 1 ? "none" : "pass")) {
                throw new BrokenChainException(cv.equals("fail") ? "failed before" : "cv of set " + i);
            }
            sets.add(set);
        }
        return sets;
    }

    private static Map<Integer, HeaderField> byInstance(HeaderBlock block, String name) throws BrokenChainException {
        Map<Integer, HeaderField> fields = new TreeMap<>();
        for (HeaderField field : block.all(name)) {
            String instance = field.rawValue().split(";", 2)[0].replaceAll("\\s", "");
            if (!instance.matches("i=[1-9][0-9]?") || Integer.parseInt(instance.substring(2)) > MOST) {
                throw new BrokenChainException(name + " without an instance");
            } else if (fields.putIfAbsent(Integer.valueOf(instance.substring(2)), field) != null) {
                throw new BrokenChainException(name + " twice in a set");
            }
        }
        return fields;
    }
}
