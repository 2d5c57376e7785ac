package org.mailserv.acme.files;

import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.mailserv.server.tls.CertificateNames;

/**
 * The certificate from the CA with its key, as stored.
 *
 * @param chain the server's certificate first
 */
public record HeldCertificate(List<X509Certificate> chain, PrivateKey key) {
    public HeldCertificate {
        chain = List.copyOf(chain);
    }

    public X509Certificate certificate() {
        return chain.get(0);
    }

    public KeyPair keyPair() {
        return new KeyPair(certificate().getPublicKey(), key);
    }

    public Instant notBefore() {
        return certificate().getNotBefore().toInstant();
    }

    public Instant notAfter() {
        return certificate().getNotAfter().toInstant();
    }

    /** Returns the names it is valid for, in lower case. */
    public Set<String> names() {
        return CertificateNames.of(certificate());
    }
}
