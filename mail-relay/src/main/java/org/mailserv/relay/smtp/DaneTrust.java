package org.mailserv.relay.smtp;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.mailserv.server.dns.Dns.TlsaRecord;
import org.mailserv.server.tls.CertificateNames;

/**
 * Trusts certificates that TLSA records name: of usage 3 the server's own, whatever names and times it has; of usage 2 one of an authority that
 * issued it, with its names and times looked at. RFC 7672, 3.1 and 3.2; RFC 7671, 5.
 */
final class DaneTrust extends X509ExtendedTrustManager {
    private static final int MAX_INTERMEDIATES = 10;

    private final List<TlsaRecord> records;
    private final List<String> names;

    /**
     * @param records that can be used, at least one
     * @param names the certificate has to have one of them where a record names its authority
     */
    DaneTrust(List<TlsaRecord> records, List<String> names) {
        this.records = List.copyOf(records);
        this.names = names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        if (chain == null || chain.length == 0) {
            throw new CertificateException("no certificate");
        }
        for (TlsaRecord record : records) {
            if (record.usage() == TlsaRecords.DANE_EE && TlsaRecords.matches(record, chain[0])) {
                return;
            }
        }
        Set<TrustAnchor> anchors = new HashSet<>();
        boolean itself = false;
        for (TlsaRecord record : records) {
            if (record.usage() == TlsaRecords.DANE_TA) {
                itself |= TlsaRecords.matches(record, chain[0]);
                addAnchors(record, chain, anchors);
            }
        }
        if (!itself && anchors.isEmpty()) {
            throw new CertificateException(
                    "the certificate is none of those that the TLSA records of " + names.get(0) + " name");
        }
        chain[0].checkValidity();
        if (CertificateNames.of(chain[0]).stream().noneMatch(this::fits)) {
            throw new CertificateException("the certificate has none of the names " + String.join(", ", names));
        }
        if (!itself) {
            buildPath(chain, anchors);
        }
    }

    /** The authority is in the chain, or the record holds it in full. RFC 7671, 5.2. */
    private static void addAnchors(TlsaRecord record, X509Certificate[] chain, Set<TrustAnchor> anchors) {
        for (int i = 1; i < chain.length; i++) {
            if (TlsaRecords.matches(record, chain[i])) {
                anchors.add(new TrustAnchor(chain[i], null));
            }
        }
        X509Certificate authority = TlsaRecords.certificate(record);
        if (authority != null) {
            anchors.add(new TrustAnchor(authority, null));
        }
        PublicKey key = TlsaRecords.publicKey(record);
        if (key != null) {
            // The key alone has no name: it is tried as that of each issuer.
            for (X509Certificate each : chain) {
                anchors.add(new TrustAnchor(each.getIssuerX500Principal(), key, null));
            }
        }
    }

    /** Servers send chains in any order, and more than is needed. */
    private static void buildPath(X509Certificate[] chain, Set<TrustAnchor> anchors) throws CertificateException {
        try {
            X509CertSelector own = new X509CertSelector();
            own.setCertificate(chain[0]);
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, own);
            parameters.setRevocationEnabled(false);
            parameters.setMaxPathLength(MAX_INTERMEDIATES);
            parameters.addCertStore(
                    CertStore.getInstance("Collection", new CollectionCertStoreParameters(Arrays.asList(chain))));
            CertPathBuilder.getInstance("PKIX").build(parameters);
        } catch (GeneralSecurityException e) {
            throw new CertificateException(
                    "the authority that the TLSA records name did not issue the certificate: " + e.getMessage(), e);
        }
    }

    /** RFC 7672, 3.2.3: a wildcard stands for the whole first label. */
    private boolean fits(String pattern) {
        return names.stream().anyMatch(name -> {
            int dot = name.indexOf('.');
            return pattern.equals(name)
                    || pattern.startsWith("*.")
                            && dot > 0
                            && name.substring(dot).equals(pattern.substring(1));
        });
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
