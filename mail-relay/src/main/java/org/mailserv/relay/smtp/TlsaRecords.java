package org.mailserv.relay.smtp;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.dns.Dns.TlsaRecord;

/** Operations on TLSA records as used for SMTP. RFC 6698, 2.1; RFC 7671; RFC 7672, 3. */
public final class TlsaRecords {
    static final int DANE_TA = 2;
    static final int DANE_EE = 3;
    private static final int CERTIFICATE = 0;
    private static final int PUBLIC_KEY = 1;
    private static final int FULL = 0;
    private static final int SHA_256 = 1;
    private static final int SHA_512 = 2;

    private TlsaRecords() {}

    /**
     * Returns the usable records: well-formed ones of usages 2 and 3 (RFC 7672, 3.1.3). For the same usage and selector only the
     * strongest digest is kept (RFC 7671, 9).
     */
    public static List<TlsaRecord> usable(List<TlsaRecord> records) {
        List<TlsaRecord> known = records.stream().filter(TlsaRecords::isUsable).toList();
        return known.stream()
                .filter(record -> record.matchingType() != SHA_256
                        || known.stream()
                                .noneMatch(other -> other.matchingType() == SHA_512
                                        && other.usage() == record.usage()
                                        && other.selector() == record.selector()))
                .toList();
    }

    private static boolean isUsable(TlsaRecord record) {
        boolean known = (record.usage() == DANE_EE || record.usage() == DANE_TA)
                && (record.selector() == CERTIFICATE || record.selector() == PUBLIC_KEY);
        if (!known) {
            return false;
        }
        return switch (record.matchingType()) {
            case FULL -> certificate(record) != null || publicKey(record) != null;
            case SHA_256 -> record.data().length == 32;
            case SHA_512 -> record.data().length == 64;
            default -> false;
        };
    }

    /** Returns whether a record matches a certificate. */
    static boolean matches(TlsaRecord record, X509Certificate certificate) {
        try {
            byte[] selected = record.selector() == CERTIFICATE
                    ? certificate.getEncoded()
                    : certificate.getPublicKey().getEncoded();
            byte[] octets = switch (record.matchingType()) {
                case SHA_256 -> MessageDigest.getInstance("SHA-256").digest(selected);
                case SHA_512 -> MessageDigest.getInstance("SHA-512").digest(selected);
                default -> selected;
            };
            return MessageDigest.isEqual(octets, record.data());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Returns the full certificate in a record, or null. */
    static @Nullable X509Certificate certificate(TlsaRecord record) {
        if (record.matchingType() != FULL || record.selector() != CERTIFICATE) {
            return null;
        }
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(record.data()));
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    /** Returns the full public key in a record, or null. */
    static @Nullable PublicKey publicKey(TlsaRecord record) {
        if (record.matchingType() != FULL || record.selector() != PUBLIC_KEY) {
            return null;
        }
        try {
            return new JcaPEMKeyConverter().getPublicKey(SubjectPublicKeyInfo.getInstance(record.data()));
        } catch (PEMException | IllegalArgumentException e) {
            return null;
        }
    }
}
