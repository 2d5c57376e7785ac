package org.mailserv.acme;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.mailserv.acme.ca.CertificateAuthority;
import org.mailserv.acme.ca.IssueException;

/** A CA that issues certificates of 90 days by the clock of a test, and fails when told to. */
final class FakeCa implements CertificateAuthority {
    final List<Request> requests = new ArrayList<>();
    final Map<String, String> refused = new LinkedHashMap<>();
    Instant now;
    IssueException failure;
    RuntimeException crash;
    Suggestion suggestion;
    Duration latency = Duration.ZERO;

    FakeCa(Instant now) {
        this.now = now;
    }

    @Override
    public Issued issue(Request request) throws IssueException {
        requests.add(request);
        now = now.plus(latency);
        if (crash != null) {
            throw crash;
        } else if (failure != null) {
            throw failure;
        }
        List<String> names = new ArrayList<>(List.of(request.host()));
        names.addAll(request.others());
        names.removeAll(refused.keySet());
        return request.covered().containsAll(names)
                ? new Issued(List.of(), refused)
                : new Issued(List.of(certificate(request, names)), refused);
    }

    private X509Certificate certificate(Request request, List<String> names) {
        try {
            X500Name name = new X500Name("CN=" + request.host());
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.valueOf(requests.size()),
                    Date.from(now),
                    Date.from(now.plus(Duration.ofDays(90))),
                    name,
                    request.key().getPublic());
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(names.stream()
                            .map(each -> new GeneralName(GeneralName.dNSName, each))
                            .toArray(GeneralName[]::new)));
            String algorithm = request.key().getPrivate().getAlgorithm().equals("RSA") ? "RSA" : "ECDSA";
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256with" + algorithm)
                            .build(request.key().getPrivate())));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Suggestion suggestion(X509Certificate certificate) {
        return suggestion;
    }
}
