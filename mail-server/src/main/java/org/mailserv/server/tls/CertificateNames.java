package org.mailserv.server.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.mailserv.codec.address.DomainNames;

/** The host names that a certificate is valid for. RFC 6125, 6.4. */
public final class CertificateNames {
    private static final int DNS_NAME = 2;

    private CertificateNames() {}

    /** Returns the form of a name used for comparison. A wildcard keeps its first label. */
    static String canonical(String name) {
        return name.startsWith("*.") ? "*." + DomainNames.canonical(name.substring(2)) : DomainNames.canonical(name);
    }

    /**
     * Returns the names in {@link #canonical} form. The subject counts only if the certificate has no alternative DNS
     * names.
     */
    public static Set<String> of(X509Certificate certificate) {
        Set<String> names = new LinkedHashSet<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    if (Integer.valueOf(DNS_NAME).equals(alternative.get(0))) {
                        names.add(canonical(String.valueOf(alternative.get(1))));
                    }
                }
            }
            if (names.isEmpty()) {
                for (Rdn rdn :
                        new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                    if (rdn.getType().equalsIgnoreCase("CN")) {
                        names.add(canonical(String.valueOf(rdn.getValue())));
                    }
                }
            }
        } catch (CertificateParsingException | InvalidNameException e) {
            // A certificate with unreadable names matches no host, but it can still be the default certificate.
            return Set.of();
        }
        return names;
    }
}
