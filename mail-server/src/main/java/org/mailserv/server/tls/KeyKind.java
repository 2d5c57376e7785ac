package org.mailserv.server.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * The kinds of server keys, and the TLS providers that support them. BoringSSL supports RSA and the NIST curves. The
 * JDK also supports RSA-PSS (RFC 8446, 4.2.3), Ed25519 and Ed448 (RFC 8422, 5.10).
 */
enum KeyKind {
    RSA("RSA", true, true),
    RSA_PSS("RSA-PSS", false, true),
    EC("EC", true, true),
    ED25519("Ed25519", false, true),
    ED448("Ed448", false, true),
    OTHER("", false, false);

    private static final String PSS = "RSASSA-PSS";
    private static final String ED25519_OID = "1.3.101.112";
    private static final String ED448_OID = "1.3.101.113";
    /** The curves still permitted in TLS. RFC 8422, 5.1.1. */
    private static final Map<String, String> CURVES = Map.of(
            "1.2.840.10045.3.1.7", "P-256",
            "1.3.132.0.34", "P-384",
            "1.3.132.0.35", "P-521");

    private final String text;
    private final boolean boringSsl;
    private final boolean jdk;

    KeyKind(String text, boolean boringSsl, boolean jdk) {
        this.text = text;
        this.boringSsl = boringSsl;
        this.jdk = jdk;
    }

    /** Returns the kind of a certificate's key. */
    static KeyKind of(PublicKey key) {
        var algorithm = SubjectPublicKeyInfo.getInstance(key.getEncoded()).getAlgorithm();
        return switch (key.getAlgorithm()) {
            case "RSA" -> RSA;
            case PSS -> RSA_PSS;
            case "EC" ->
                algorithm.getParameters() instanceof ASN1ObjectIdentifier curve && CURVES.containsKey(curve.getId())
                        ? EC
                        : OTHER;
            default ->
                switch (algorithm.getAlgorithm().getId()) {
                    case ED25519_OID -> ED25519;
                    case ED448_OID -> ED448;
                    default -> OTHER;
                };
        };
    }

    /**
     * Returns the provider for keys of this kind.
     *
     * @throws IOException if the configured provider does not support them; the message is meant for the operator
     */
    SslProvider provider(TlsConfig.Provider wanted) throws IOException {
        if (!jdk) {
            throw new IOException(
                    "its key is of a kind that TLS does not use (expected: RSA, EC on P-256, P-384 or P-521, RSA-PSS, Ed25519 or Ed448)");
        } else if (wanted == TlsConfig.Provider.BORINGSSL && !boringSsl) {
            throw new IOException("BoringSSL cannot serve " + text + " keys (tls.provider: use auto or jdk)");
        }
        boolean boring = wanted == TlsConfig.Provider.AUTO
                ? boringSsl && OpenSsl.isAvailable()
                : wanted == TlsConfig.Provider.BORINGSSL;
        return boring ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    /** Returns whether the private key belongs to the public key. */
    static boolean belong(PrivateKey secret, PublicKey open) {
        try {
            Signature signature = signature(open);
            signature.initSign(secret);
            signature.update(new byte[32]);
            byte[] signed = signature.sign();
            signature = signature(open);
            signature.initVerify(open);
            signature.update(new byte[32]);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static Signature signature(PublicKey open) throws GeneralSecurityException {
        String algorithm = open.getAlgorithm();
        if (!algorithm.equals(PSS)) {
            return Signature.getInstance(
                    algorithm.equals("RSA") ? "SHA256withRSA" : algorithm.equals("EC") ? "SHA256withECDSA" : algorithm);
        }
        Signature signature = Signature.getInstance(PSS);
        AlgorithmParameterSpec own = open instanceof RSAPublicKey rsa ? rsa.getParams() : null;
        signature.setParameter(
                own == null ? new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1) : own);
        return signature;
    }
}
