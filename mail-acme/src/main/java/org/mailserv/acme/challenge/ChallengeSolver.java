package org.mailserv.acme.challenge;

import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;

/** Publishes the proofs that a CA looks for. All methods block and are called by one thread. */
public interface ChallengeSolver {
    /**
     * A proof that a CA asked for.
     *
     * @param name the name to validate, without a wildcard's asterisk
     * @param token token from the CA, in the characters of base64url
     * @param authorization token and thumbprint of the account key. RFC 8555, 8.1
     * @param digest SHA-256 hash of the authorization, in base64url
     * @param handshake creates the certificate for TLS-ALPN-01
     */
    record Proof(String name, String token, String authorization, String digest, CertificateMaker handshake) {}

    /** Creates the self-signed certificate of a TLS-ALPN-01 proof. */
    @FunctionalInterface
    interface CertificateMaker {
        X509Certificate make(KeyPair key);
    }

    /**
     * Publishes a proof.
     *
     * @throws IOException if that is not possible; the message is meant for the operator
     */
    void publish(Proof proof) throws IOException;

    /** Waits until published proofs can be seen by everybody. */
    default void settle() throws InterruptedException {}

    /** Withdraws a proof. Failures are logged. */
    void withdraw(Proof proof);
}
