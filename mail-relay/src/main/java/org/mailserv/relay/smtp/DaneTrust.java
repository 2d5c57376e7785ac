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
 * A trust manager for DANE. Usage 3 matches the server's certificate, regardless of its names and validity period. Usage 2 matches an
 * issuing authority, and names and validity period are checked. RFC 7672, 3.1 and 3.2; RFC 7671, 5.
 */
final class DaneTrust extends X509ExtendedTrustManager {
    private static final int MAX_INTERMEDIATES = 10;

    private final List<TlsaRecord> records;
    private final List<String> names;

    /**
     * @param records the usable records, at least one
     * @param names reference identifiers, of which the certificate must contain one if an authority is matched
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
            throw new CertificateException("the certificate matches none of the TLSA records of " + names.get(0));
        }
        chain[0].checkValidity();
        if (CertificateNames.of(chain[0]).stream().noneMatch(this::fits)) {
            throw new CertificateException(
                    "the certificate is valid for none of the names " + String.join(", ", names));
        }
        if (!itself) {
            buildPath(chain, anchors);
        }
    }

    /** Adds the authorities that a record matches in the chain or contains in full. RFC 7671, 5.2. */
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
            // A bare key has no name, so it is tried as the key of each issuer.
            for (X509Certificate each : chain) {
                anchors.add(new TrustAnchor(each.getIssuerX500Principal(), key, null));
            }
        }
    }

    /** Builds a path from the chain, which may be unordered and contain extra certificates. */
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
            throw new CertificateException("the authority that the TLSA records name did not issue the certificate");
        }
    }

    /** Returns whether a name or wildcard pattern matches. A wildcard matches one whole first label. RFC 7672, 3.2.3. */
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
