package org.mailserv.server.check.dkim;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.header.Authors;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;

/**
 * Signs messages of local domains, for each author's domain with one key per algorithm. Signatures are relaxed/relaxed. From is signed once
 * more than it occurs, so that nobody can add another one. The body is hashed as it streams through.
 */
public final class DkimSigner {
    private static final List<String> SIGNED = List.of(
            "From",
            "Reply-To",
            "Sender",
            "To",
            "Cc",
            "Subject",
            "Date",
            "Message-ID",
            "In-Reply-To",
            "References",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
            "List-Id",
            "List-Unsubscribe",
            "List-Unsubscribe-Post");

    private static final int MOST_DOMAINS = 10;
    private static final Pattern TIME = Pattern.compile("; t=(\\d{1,12});");

    private final DkimKeys keys;
    private final InstantSource clock;

    public DkimSigner(DkimKeys keys, InstantSource clock) {
        this.keys = keys;
        this.clock = clock;
    }

    /** Begins a message. */
    public Scan begin() {
        return new Scan();
    }

    /** The scan of one message. */
    public final class Scan extends MessageScan {
        private String header = "";
        private final Canonical.Body body = new Canonical.Body(Canonical.RELAXED, sha256(), -1);

        @Override
        protected void header(String text) {
            header = text;
        }

        @Override
        protected void body(byte[] octets, int from, int count) {
            body.feed(octets, from, count);
        }

        /**
         * Ends the message. An RSA signature takes a millisecond or two, so this should not run on an event loop.
         *
         * @param added fields that are put above the message's own and are signed too
         * @return the signatures, or the reason why there are none
         */
        public Signed sign(String added) {
            if (!complete()) {
                return Signed.not("the header is too large");
            }
            Authors authors = Authors.of(added + header);
            List<String> domains = authors.domains().isEmpty() ? authors.occurring() : authors.domains();
            List<DkimKey> signing = new ArrayList<>();
            // Receivers check the domain of each author.
            domains.stream().limit(MOST_DOMAINS).forEach(domain -> signing.addAll(keys.signing(domain)));
            if (authors.fields() != 1) {
                return Signed.not(authors.fields() == 0 ? "no From field" : "several From fields");
            } else if (domains.isEmpty()) {
                return Signed.not("no address with a domain in From");
            } else if (signing.isEmpty()) {
                return Signed.not("no key for " + String.join(", ", domains));
            }
            HeaderBlock block = HeaderBlock.read(added + header);
            if (block.all("From").size() != 1) {
                return Signed.not("the header is malformed above From");
            }
            byte[] hash = body.finish();
            StringBuilder fields = new StringBuilder();
            for (DkimKey key : signing) {
                fields.append(field(key, block, hash, clock.instant().getEpochSecond()));
            }
            return new Signed(fields.toString(), null);
        }

        /**
         * Ends a message that may have been signed here before. A signature counts as ours only if the same key produces the same field for
         * exactly this message. A field that only claims to be ours is ignored.
         *
         * @return the DKIM-Signature fields that keys of this server made
         */
        public List<HeaderField> ownSignatures() {
            if (!complete()) {
                return List.of();
            }
            HeaderBlock block = HeaderBlock.read(header);
            List<HeaderField> candidates = block.all("DKIM-Signature");
            if (candidates.isEmpty() || keys.isEmpty()) {
                return List.of();
            }
            byte[] hash = body.finish();
            return candidates.stream().filter(one -> isOwn(one, block, hash)).toList();
        }
    }

    /**
     * The outcome for one message.
     *
     * @param fields the DKIM-Signature fields, each with its CRLF; empty if the message is not signed
     * @param problem the reason why it is not signed, or null
     */
    public record Signed(String fields, @Nullable String problem) {
        private static Signed not(String problem) {
            return new Signed("", problem);
        }
    }

    private boolean isOwn(HeaderField signature, HeaderBlock block, byte[] bodyHash) {
        Matcher time = TIME.matcher(signature.rawValue());
        if (!time.find()) {
            return false;
        }
        long seconds = Long.parseLong(time.group(1));
        return keys.all().stream()
                .filter(key -> signature.raw().contains("d=" + key.domain() + "; s=" + key.selector() + ";"))
                .anyMatch(key -> field(key, block, bodyHash, seconds).equals(signature.raw()));
    }

    /** @param seconds the time of the signature, in seconds since 1970 */
    private String field(DkimKey key, HeaderBlock block, byte[] bodyHash, long seconds) {
        List<String> names = namesIn(block);
        names.add("from");
        String unsigned = "DKIM-Signature: v=1; a=" + key.algorithm() + "-sha256; c=relaxed/relaxed;\r\n\td="
                + key.domain() + "; s=" + key.selector() + "; t="
                + seconds + ";\r\n\th=" + folded(names) + ";\r\n\tbh="
                + Base64.getEncoder().encodeToString(bodyHash) + ";\r\n\tb=";
        try {
            byte[] data = SignedData.of(
                    block, names, new HeaderField("DKIM-Signature", unsigned + "\r\n"), Canonical.RELAXED);
            String value = Base64.getEncoder().encodeToString(sign(key, data));
            return unsigned + value.replaceAll("(.{70})(?=.)", "$1\r\n\t") + "\r\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that was read cannot sign: " + key, e);
        }
    }

    /** Returns the names of the fields to sign, each as often as it occurs. */
    static List<String> namesIn(HeaderBlock block) {
        List<String> names = new ArrayList<>();
        for (String name : SIGNED) {
            block.all(name).forEach(field -> names.add(name.toLowerCase(Locale.ROOT)));
        }
        return names;
    }

    static String folded(List<String> names) {
        StringBuilder text = new StringBuilder();
        int column = 0;
        for (int i = 0; i < names.size(); i++) {
            text.append(i == 0 ? "" : ":");
            if (column > 60) {
                text.append("\r\n\t ");
                column = 0;
            }
            text.append(names.get(i));
            column += names.get(i).length() + 1;
        }
        return text.toString();
    }

    static byte[] sign(DkimKey key, byte[] data) throws GeneralSecurityException {
        boolean rsa = key.algorithm().equals("rsa");
        Signature signature = Signature.getInstance(rsa ? "SHA256withRSA" : "Ed25519");
        signature.initSign(key.key());
        // RFC 8463, 3: Ed25519 signs the hash.
        signature.update(rsa ? data : sha256().digest(data));
        return signature.sign();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * The signed octets: the chosen fields, from the bottom up for each name, and the signature's own field without its value. RFC 6376,
     * 3.7.
     */
    static final class SignedData {
        private SignedData() {}

        static byte[] of(HeaderBlock block, List<String> names, HeaderField own, Canonical form) {
            StringBuilder data = new StringBuilder();
            List<HeaderField> left = new ArrayList<>(block.fields());
            for (String name : names) {
                for (int i = left.size() - 1; i >= 0; i--) {
                    if (left.get(i).is(name)) {
                        data.append(form.field(left.remove(i)));
                        break;
                    }
                }
            }
            String last = form.field(own);
            data.append(last, 0, last.length() - 2);
            return data.toString().getBytes(StandardCharsets.ISO_8859_1);
        }
    }
}
