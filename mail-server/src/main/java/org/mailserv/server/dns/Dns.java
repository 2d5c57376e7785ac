package org.mailserv.server.dns;

import java.net.InetAddress;
import java.util.concurrent.CompletionStage;

/**
 * A DNS resolver. Thread-safe and non-blocking. Stages never complete exceptionally; failures are reported as {@link
 * DnsAnswer.TemporaryFailure}. Names are passed without a trailing dot, in any case, in Unicode or ASCII. Names in
 * answers are lower-case ASCII without a trailing dot.
 */
public interface Dns {
    /** Looks up MX records, in no particular order. */
    CompletionStage<DnsAnswer<MxRecord>> mx(String domain);

    /** Looks up A and AAAA records, following CNAMEs. The result is authenticated if one of the two answers is. */
    CompletionStage<DnsAnswer<InetAddress>> addresses(String host);

    /** Looks up the direct target of a CNAME. */
    CompletionStage<DnsAnswer<String>> cname(String name);

    CompletionStage<DnsAnswer<InetAddress>> ipv4(String host);

    CompletionStage<DnsAnswer<InetAddress>> ipv6(String host);

    /** Looks up TXT records. The strings of each record are concatenated, with octets as ISO-8859-1. */
    CompletionStage<DnsAnswer<String>> txt(String name);

    /** Looks up the PTR records of an address. */
    CompletionStage<DnsAnswer<String>> ptr(InetAddress address);

    /** Looks up the TLSA records of a name such as {@code _25._tcp.mx.example.org}. */
    CompletionStage<DnsAnswer<TlsaRecord>> tlsa(String name);

    /** Looks up the SRV records of a name such as {@code _imaps._tcp.example.org}, in no particular order. RFC 2782. */
    CompletionStage<DnsAnswer<SrvRecord>> srv(String name);

    /** An SRV record. Port 0 with an empty {@code target} says that the service is not available. RFC 2782; RFC 6186, 3.4. */
    record SrvRecord(int priority, int weight, int port, String target) {}

    /** An MX record. {@code preference} 0 with an empty {@code exchange} is the null MX of RFC 7505. */
    record MxRecord(int preference, String exchange) {
        /** Returns the record as it stands in a zone: {@code 10 mx.example.org}, or {@code 0 .} for the null MX. */
        @Override
        public String toString() {
            return preference + " " + (exchange.isEmpty() ? "." : exchange);
        }
    }

    /** A TLSA record. RFC 6698, 2.1. */
    record TlsaRecord(int usage, int selector, int matchingType, byte[] data) {}
}
