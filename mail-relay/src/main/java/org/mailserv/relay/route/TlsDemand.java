package org.mailserv.relay.route;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.server.dns.Dns.TlsaRecord;

/**
 * The TLS requirements of a host.
 *
 * @param policy the policy, as for a route
 * @param tlsa records of which one must match the certificate chain, in place of PKIX validation; empty without DANE
 * @param names reference identifiers for certificates that a TLSA record's authority issued, first the base domain of the TLSA records, which is
 *     sent as SNI too; empty without DANE. RFC 7672, 3.2.2 and 8.1
 * @param source where the requirements come from
 */
public record TlsDemand(TlsPolicy policy, List<TlsaRecord> tlsa, List<String> names, Source source) {
    private static final int DANE_EE = 3;

    /** The origins of TLS requirements. */
    public enum Source {
        /** The configured route or the default. */
        ROUTE("route"),
        /** TLSA records. RFC 7672. */
        DANE("dane"),
        /** A policy published over HTTPS. RFC 8461. */
        MTA_STS("mta-sts"),
        /** HTTPS itself, when a policy is fetched. */
        HTTPS("https");

        private final String label;

        Source(String label) {
            this.label = label;
        }

        /** Returns the name for logs and bounces. */
        @Override
        public String toString() {
            return label;
        }
    }

    public TlsDemand {
        tlsa = List.copyOf(tlsa);
        names = List.copyOf(names);
    }

    /** Returns the requirements of a route. */
    public static TlsDemand of(Route route) {
        return new TlsDemand(route.tls(), List.of(), List.of(), Source.ROUTE);
    }

    /** Returns the requirements of an enforced MTA-STS policy. RFC 8461, 4. */
    public static TlsDemand mtaSts() {
        return new TlsDemand(TlsPolicy.VERIFY, List.of(), List.of(), Source.MTA_STS);
    }

    /** Returns the requirements of TLSA records in a signed zone. Without usable records, TLS is mandatory but unauthenticated. RFC 7672, 2.2. */
    public static TlsDemand dane(List<TlsaRecord> usable, List<String> names) {
        return new TlsDemand(TlsPolicy.MUST, usable, names, Source.DANE);
    }

    /** Returns a key that is equal only for requirements that may share a connection. */
    String key() {
        return source + "/" + policy + (source == Source.DANE ? "/" + digest() : "");
    }

    private String digest() {
        boolean byName = tlsa.stream().anyMatch(record -> record.usage() != DANE_EE);
        StringBuilder text = new StringBuilder(byName ? String.join(",", names) : "");
        HexFormat hex = HexFormat.of();
        tlsa.stream()
                .map(record -> " " + record.usage() + " " + record.selector() + " " + record.matchingType() + " "
                        + hex.formatHex(record.data()))
                .sorted()
                .forEach(text::append);
        try {
            return hex.formatHex(
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return policy + (source == Source.ROUTE ? "" : " (" + source + ")");
    }
}
