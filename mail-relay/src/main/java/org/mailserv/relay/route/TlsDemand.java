package org.mailserv.relay.route;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.server.dns.Dns.TlsaRecord;

/**
 * The TLS that a host has to have.
 *
 * @param policy as a route could ask for it
 * @param tlsa records one of which the certificate has to fit, in place of a look at who signed it; empty without DANE
 * @param names reference identifiers for certificates that a TLSA record's authority issued, first the base domain of the TLSA records, which is
 *     sent as SNI too; empty without DANE. RFC 7672, 3.2.2 and 8.1
 * @param source who asks: {@code route}, {@code dane} or {@code mta-sts}
 */
public record TlsDemand(TlsPolicy policy, List<TlsaRecord> tlsa, List<String> names, String source) {
    private static final int DANE_EE = 3;

    public TlsDemand {
        tlsa = List.copyOf(tlsa);
        names = List.copyOf(names);
    }

    /** Returns the demand of a route. */
    public static TlsDemand of(Route route) {
        return new TlsDemand(route.tls(), List.of(), List.of(), "route");
    }

    /** Returns the demand of the policy that a domain publishes over HTTPS. RFC 8461, 4. */
    public static TlsDemand mtaSts() {
        return new TlsDemand(TlsPolicy.VERIFY, List.of(), List.of(), "mta-sts");
    }

    /** Returns the demand of records in a signed zone; none that can be used means TLS without a name. RFC 7672, 2.2. */
    public static TlsDemand dane(List<TlsaRecord> usable, List<String> names) {
        return new TlsDemand(TlsPolicy.MUST, usable, names, "dane");
    }

    /** Returns a text that differs for demands that cannot share a connection: it was authenticated for one of them only. */
    String key() {
        return source + "/" + policy + (source.equals("dane") ? "/" + digest() : "");
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
        return policy + (source.equals("route") ? "" : " (" + source + ")");
    }
}
