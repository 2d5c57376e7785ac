package org.mailserv.acme.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailserv.server.tls.AcmeConfig;

/** Key pairs as PEM text: the private key (PKCS#8) and the public key, which cannot be computed from all private keys. RFC 7468. */
final class KeyFile {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final int RSA_BITS = 2048;

    private KeyFile() {}

    static KeyPair generate(AcmeConfig.KeyType type) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(type.name());
            if (type == AcmeConfig.KeyType.EC) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            } else {
                generator.initialize(RSA_BITS);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM cannot generate " + type + " keys", e);
        }
    }

    static String write(KeyPair pair) {
        return block("PRIVATE KEY", pair.getPrivate().getEncoded())
                + block("PUBLIC KEY", pair.getPublic().getEncoded());
    }

    static String block(String label, byte[] encoded) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
                + "\n-----END " + label + "-----\n";
    }

    /** @throws IOException if the text has no key pair; the message does not name the file */
    static KeyPair read(String text) throws IOException {
        byte[] secret = content(text, "PRIVATE KEY");
        byte[] open = content(text, "PUBLIC KEY");
        for (String algorithm : List.of("EC", "RSA")) {
            try {
                KeyFactory factory = KeyFactory.getInstance(algorithm);
                PublicKey publicKey = factory.generatePublic(new X509EncodedKeySpec(open));
                return new KeyPair(publicKey, factory.generatePrivate(new PKCS8EncodedKeySpec(secret)));
            } catch (GeneralSecurityException e) {
                // A key of the other kind.
                continue;
            }
        }
        throw new IOException("no EC or RSA key");
    }

    /** Returns the private key of a text, of the kind of a public key. */
    static PrivateKey readPrivate(String text, PublicKey open) throws IOException {
        try {
            return KeyFactory.getInstance(open.getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(content(text, "PRIVATE KEY")));
        } catch (GeneralSecurityException e) {
            throw new IOException("its private key is not the key of its certificate", e);
        }
    }

    private static byte[] content(String text, String label) throws IOException {
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1).equals(label)) {
                return Base64.getMimeDecoder().decode(matcher.group(2).getBytes(StandardCharsets.US_ASCII));
            }
        }
        throw new IOException("no " + label + " in it");
    }
}
