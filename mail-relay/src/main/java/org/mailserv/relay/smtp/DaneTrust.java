package org.mailserv.relay.smtp;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.mailserv.server.dns.Dns.TlsaRecord;

/**
 * Trusts certificates that TLSA records name: of usage 3 the server's own, whatever it says; of usage 2 one that issued it, with its name and
 * time looked at. RFC 7672, 3.1; RFC 7671, 5.
 */
public final class DaneTrust extends X509ExtendedTrustManager {
    private static final int DANE_TA = 2;
    private static final int DANE_EE = 3;
    private static final int DNS_NAME = 2;

    private final List<TlsaRecord> records;
    private final String host;

    /** @param host the server's name, which is the base of the records' name */
    public DaneTrust(List<TlsaRecord> records, String host) {
        this.records = List.copyOf(records);
        this.host = host.toLowerCase(Locale.ROOT);
    }

    /** Whether mail can make use of a record. RFC 7672, 3.1.3. */
    public static boolean isUsable(TlsaRecord record) {
        int length = record.data().length;
        boolean fits = switch (record.matchingType()) {
            case 0 -> length > 0;
            case 1 -> length == 32;
            case 2 -> length == 64;
            default -> false;
        };
        return (record.usage() == DANE_EE || record.usage() == DANE_TA)
                && (record.selector() == 0 || record.selector() == 1)
                && fits;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        if (chain == null || chain.length == 0) {
            throw new CertificateException("no certificate");
        }
        for (TlsaRecord record : records) {
            if (record.usage() == DANE_EE && matches(record, chain[0])) {
                return;
            }
        }
        for (TlsaRecord record : records) {
            for (int i = chain.length - 1; record.usage() == DANE_TA && i >= 0; i--) {
                if (matches(record, chain[i]) && isIssuedBy(chain, i)) {
                    return;
                }
            }
        }
        throw new CertificateException("the certificate is none of those that the TLSA records of " + host + " name");
    }

    private static boolean matches(TlsaRecord record, X509Certificate certificate) throws CertificateException {
        byte[] selected = record.selector() == 0
                ? certificate.getEncoded()
                : certificate.getPublicKey().getEncoded();
        try {
            byte[] octets = switch (record.matchingType()) {
                case 1 -> MessageDigest.getInstance("SHA-256").digest(selected);
                case 2 -> MessageDigest.getInstance("SHA-512").digest(selected);
                default -> selected;
            };
            return MessageDigest.isEqual(octets, record.data());
        } catch (GeneralSecurityException e) {
            throw new CertificateException(e);
        }
    }

    /** Whether the server's certificate is good, with the one at the index as what is trusted. */
    private boolean isIssuedBy(X509Certificate[] chain, int anchor) throws CertificateException {
        chain[0].checkValidity();
        if (!isFor(chain[0])) {
            return false;
        } else if (anchor == 0) {
            return true;
        }
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(chain[anchor], null)));
            parameters.setRevocationEnabled(false);
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509")
                                    .generateCertPath(Arrays.asList(chain).subList(0, anchor)),
                            parameters);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** RFC 7672, 3.2.2. */
    private boolean isFor(X509Certificate certificate) throws CertificateException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        for (List<?> name : names == null ? List.<List<?>>of() : names) {
            if (name.get(0).equals(DNS_NAME) && fits(String.valueOf(name.get(1)).toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    private boolean fits(String pattern) {
        int dot = host.indexOf('.');
        return pattern.equals(host)
                || pattern.startsWith("*.")
                        && dot > 0
                        && host.substring(dot + 1).equals(pattern.substring(2));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("clients are not looked at");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("clients are not looked at");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("clients are not looked at");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
