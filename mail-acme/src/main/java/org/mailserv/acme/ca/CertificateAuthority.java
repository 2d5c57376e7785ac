package org.mailserv.acme.ca;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A certificate authority. All methods block for minutes and are called by one thread. */
public interface CertificateAuthority {
    /**
     * A request for a certificate.
     *
     * @param host the name without which a certificate is useless
     * @param others further names, which are left out if the CA cannot validate them
     * @param key the certificate's key
     * @param replaces the certificate to be renewed; null for none
     * @param covered names of a certificate that is still good: another one for no more than these is not needed
     */
    record Request(
            String host,
            List<String> others,
            KeyPair key,
            @Nullable X509Certificate replaces,
            Set<String> covered) {
        public Request {
            others = List.copyOf(others);
            covered = Set.copyOf(covered);
        }
    }

    /**
     * An issued certificate.
     *
     * @param chain the server's certificate first; empty if none was needed
     * @param refused names that are not in it, with reasons
     */
    record Issued(List<X509Certificate> chain, Map<String, String> refused) {
        public Issued {
            chain = List.copyOf(chain);
            refused = Map.copyOf(refused);
        }
    }

    /**
     * A time window in which the CA wants a certificate to be renewed. RFC 9773, 4.2.
     *
     * @param askAgain time of the next request
     * @param explanation URL of a page that says why; empty for none
     */
    record Suggestion(Instant start, Instant end, Instant askAgain, String explanation) {}

    /**
     * Orders a certificate.
     *
     * @throws IssueException if none was issued
     */
    Issued issue(Request request) throws IssueException, InterruptedException;

    /**
     * Returns the CA's suggestion for the renewal of a certificate, or null if it makes none.
     *
     * @throws IssueException if the CA does not answer
     */
    @Nullable
    Suggestion suggestion(X509Certificate certificate) throws IssueException;
}
