package org.mailserv.server.dns.resolver;

import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes proof that a name has no records of a type (NODATA) from a referral or a lame answer. All are NOERROR
 * without records, but only the former may cause mail to be rejected permanently.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2308#section-2.2">RFC 2308, 2.2</a>
 */
final class NoDataProof {
    private NoDataProof() {}

    /**
     * Returns the reason why an answer proves nothing, or null if it is a proof.
     *
     * <p>Proof is an SOA record of the zone, or the absence of NS records from an authoritative or recursive server.
     * Forwarders such as dnsmasq and systemd-resolved omit the SOA record but set the RA bit. A lame server sets
     * neither AA nor RA.
     *
     * @param message a NOERROR answer without records for the name
     * @param name the name in lower case
     */
    static @Nullable String doubt(DnsResponse message, String name) {
        boolean referral = false;
        for (int i = 0; i < message.count(DnsSection.AUTHORITY); i++) {
            DnsRecord record = message.recordAt(DnsSection.AUTHORITY, i);
            if (record.type().equals(DnsRecordType.SOA) && isWithin(name, RecordNames.normal(record.name()))) {
                return null;
            }
            referral |= record.type().equals(DnsRecordType.NS);
        }
        if (referral) {
            return "a referral to other servers";
        } else if (hasOtherRecords(message)) {
            return "an answer to another question";
        }
        return message.isAuthoritativeAnswer() || message.isRecursionAvailable()
                ? null
                : "a lame answer (neither authoritative nor recursive)";
    }

    private static boolean isWithin(String name, String zone) {
        return zone.isEmpty() || name.equals(zone) || name.endsWith("." + zone);
    }

    private static boolean hasOtherRecords(DnsResponse message) {
        for (int i = 0; i < message.count(DnsSection.ANSWER); i++) {
            if (!message.recordAt(DnsSection.ANSWER, i).type().equals(DnsRecordType.RRSIG)) {
                return true;
            }
        }
        return false;
    }
}
