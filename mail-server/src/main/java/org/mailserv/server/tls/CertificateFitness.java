package org.mailserv.server.tls;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The reasons for which clients that verify certificates would refuse ours. */
public final class CertificateFitness {
    private CertificateFitness() {}

    /** Returns why clients would refuse a certificate for a host name at a time, or null if nothing is known against it. */
    public static @Nullable String problem(X509Certificate certificate, String host, Instant now) {
        String time = timeProblem(certificate, now);
        if (time != null) {
            return time;
        }
        Set<String> names = CertificateNames.of(certificate);
        if (!covers(names, host)) {
            return "it is not for " + host + ", but for " + (names.isEmpty() ? "no name" : String.join(", ", names));
        }
        return isSelfSigned(certificate) ? "it is self-signed" : null;
    }

    /** Returns that a certificate has expired or is not valid yet, or null if neither. */
    public static @Nullable String timeProblem(X509Certificate certificate, Instant now) {
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        if (now.isBefore(begin)) {
            return "it is not valid before " + begin.truncatedTo(ChronoUnit.SECONDS) + " (is the clock right?)";
        }
        return now.isAfter(end) ? "it expired at " + end.truncatedTo(ChronoUnit.SECONDS) : null;
    }

    /** Returns whether the names of a certificate include a host, by a wildcard too. */
    public static boolean covers(Set<String> names, String host) {
        String name = CertificateNames.canonical(host);
        int dot = name.indexOf('.');
        return names.contains(name) || dot > 0 && names.contains("*" + name.substring(dot));
    }

    private static boolean isSelfSigned(X509Certificate certificate) {
        if (!certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            // An authority may have the same name as the server.
            return false;
        }
    }
}
