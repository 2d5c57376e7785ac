package org.mailserv.server.check.dkim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.mailserv.server.text.Failures;

/**
 * A DKIM signing key of one domain.
 *
 * @param domain in lower case
 * @param selector the name under {@code _domainkey}
 * @param algorithm {@code rsa} or {@code ed25519}
 * @param activeFrom the time from which it signs; its record must be in the DNS by then
 * @param waiting whether it does not sign until it is activated, since its record may not be in the DNS yet
 */
public record DkimKey(
        String domain, String selector, String algorithm, Instant activeFrom, boolean waiting, PrivateKey key) {
    /** Returns the TXT record to publish at {@code SELECTOR._domainkey.DOMAIN} (RFC 6376, 3.6.1; RFC 8463, 4). */
    public String dnsRecord() throws GeneralSecurityException {
        return "v=DKIM1; k=" + algorithm + "; p=" + Base64.getEncoder().encodeToString(publicOctets());
    }

    /** Returns the name of its TXT record. */
    public String recordName() {
        return selector + "._domainkey." + domain;
    }

    /** Returns whether one of these TXT records publishes this key. */
    public boolean isPublishedIn(List<String> records) throws GeneralSecurityException {
        String own = publicKey(dnsRecord());
        return records.stream().anyMatch(record -> publicKey(record).equals(own));
    }

    private static String publicKey(String record) {
        for (String tag : record.split(";")) {
            String text = tag.replaceAll("\\s", "");
            if (text.startsWith("p=")) {
                return text.substring(2);
            }
        }
        return "";
    }

    private byte[] publicOctets() throws GeneralSecurityException {
        if (key instanceof RSAPrivateCrtKey rsa) {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()))
                    .getEncoded();
        }
        // The JDK holds an Ed25519 private key without its public half, and has no way to derive it.
        byte[] seed = ((EdECPrivateKey) key)
                .getBytes()
                .orElseThrow(() -> new GeneralSecurityException("the private key of " + this + " cannot be read"));
        return new Ed25519PrivateKeyParameters(seed).generatePublicKey().getEncoded();
    }

    /** Parses a PKCS#8 private key in PEM. */
    static PrivateKey read(byte[] pem, String algorithm, Path file) throws IOException {
        String text = new String(pem, StandardCharsets.US_ASCII)
                .replaceAll("-----[A-Z ]+-----", "")
                .replaceAll("\\s", "");
        try {
            return KeyFactory.getInstance(algorithm.equals("rsa") ? "RSA" : "Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + ": no " + algorithm + " key (" + Failures.text(e) + ")", e);
        }
    }

    @Override
    public String toString() {
        return "DkimKey[" + selector + "._domainkey." + domain + " " + algorithm + "]";
    }
}
