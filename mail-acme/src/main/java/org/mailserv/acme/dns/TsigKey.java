package org.mailserv.acme.dns;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A shared key that signs DNS messages and verifies their answers. RFC 8945.
 *
 * @param name name of the key, as the server knows it
 * @param algorithm {@code hmac-sha256}, {@code hmac-sha384} or {@code hmac-sha512}
 * @param secret the shared secret
 */
public record TsigKey(String name, String algorithm, byte[] secret) {
    private static final int TYPE_TSIG = 250;
    private static final int CLASS_ANY = 255;
    private static final int FUDGE_SECONDS = 300;
    private static final int ADDITIONAL_COUNT = 10;

    /** Creates a key from its secret in base64. */
    public static TsigKey of(String name, String algorithm, String base64) {
        return new TsigKey(
                name, algorithm.toLowerCase(Locale.ROOT), Base64.getDecoder().decode(base64));
    }

    /** A signed message with its signature, which the signature of the answer includes. */
    record Signed(byte[] message, byte[] mac) {}

    /** Appends a TSIG record to a message that has no additional records. */
    Signed sign(byte[] message, Instant now) {
        byte[] variables = variables(now.getEpochSecond(), FUDGE_SECONDS, 0, new byte[0]);
        byte[] mac = mac(message, variables);
        WireWriter data = new WireWriter()
                .name(algorithm)
                .number48(now.getEpochSecond())
                .number16(FUDGE_SECONDS)
                .number16(mac.length)
                .octets(mac)
                .octets(Arrays.copyOf(message, 2))
                .number16(0)
                .number16(0);
        byte[] content = data.toBytes();
        byte[] signed = new WireWriter()
                .octets(message)
                .name(name)
                .number16(TYPE_TSIG)
                .number16(CLASS_ANY)
                .number32(0)
                .number16(content.length)
                .octets(content)
                .toBytes();
        signed[ADDITIONAL_COUNT + 1]++;
        return new Signed(signed, mac);
    }

    /**
     * Verifies the signature of an answer.
     *
     * @param answer the whole answer
     * @param requestMac signature of the request
     * @param start position of the TSIG record, the last one of the answer
     * @throws IOException if the signature is wrong or too old; the message is meant for the operator
     */
    void verify(byte[] answer, byte[] requestMac, int start, Instant now) throws IOException {
        WireReader reader = new WireReader(answer);
        reader.octets(start);
        String signer = reader.name();
        reader.octets(2 + 2 + 4 + 2);
        String used = reader.name();
        long time = reader.number48();
        int fudge = reader.number16();
        byte[] mac = reader.octets(reader.number16());
        byte[] originalId = reader.octets(2);
        int error = reader.number16();
        byte[] other = reader.octets(reader.number16());
        if (error != 0) {
            throw new IOException("the DNS server rejects the TSIG key " + name + ": " + DnsCodes.tsigError(error));
        }
        byte[] unsigned = Arrays.copyOf(answer, start);
        System.arraycopy(originalId, 0, unsigned, 0, 2);
        unsigned[ADDITIONAL_COUNT + 1]--;
        byte[] prefix =
                new WireWriter().number16(requestMac.length).octets(requestMac).toBytes();
        byte[] expected = mac(prefix, unsigned, variables(time, fudge, error, other));
        boolean known = signer.equalsIgnoreCase(name) && used.equalsIgnoreCase(algorithm);
        if (!known || !MessageDigest.isEqual(expected, mac)) {
            throw new IOException("the answer of the DNS server is not signed with the key " + name);
        } else if (Math.abs(now.getEpochSecond() - time) > fudge) {
            throw new IOException(
                    "the clocks of the DNS server and of this machine differ by more than " + fudge + " s");
        }
    }

    private byte[] variables(long time, int fudge, int error, byte[] other) {
        return new WireWriter()
                .name(name)
                .number16(CLASS_ANY)
                .number32(0)
                .name(algorithm)
                .number48(time)
                .number16(fudge)
                .number16(error)
                .number16(other.length)
                .octets(other)
                .toBytes();
    }

    private byte[] mac(byte[]... parts) {
        try {
            String jca = algorithm.replace("-", "");
            Mac mac = Mac.getInstance(jca);
            mac.init(new SecretKeySpec(secret, jca));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no " + algorithm + " in this JVM", e);
        }
    }
}
