package org.mailserv.server.dns;

import java.net.InetAddress;
import java.util.concurrent.CompletionStage;

/**
 * Asks the DNS. Any thread; never blocks; the stages never fail: what goes wrong is {@link DnsAnswer.TemporaryFailure}. Names are
 * given without a trailing dot, in any case, Unicode or ASCII; names in answers are in lower case, ASCII, without it.
 */
public interface Dns {
    /** MX records in no order. */
    CompletionStage<DnsAnswer<MxRecord>> mx(String domain);

    /** A and AAAA records, CNAMEs followed; authenticated when one of the two answers is. */
    CompletionStage<DnsAnswer<InetAddress>> addresses(String host);

    /** The name that an alias leads to in one step. */
    CompletionStage<DnsAnswer<String>> cname(String name);

    CompletionStage<DnsAnswer<InetAddress>> ipv4(String host);

    CompletionStage<DnsAnswer<InetAddress>> ipv6(String host);

    /** TXT records, the strings of each joined without a blank, octets as ISO-8859-1. */
    CompletionStage<DnsAnswer<String>> txt(String name);

    /** Names of an address. */
    CompletionStage<DnsAnswer<String>> ptr(InetAddress address);

    /** TLSA records of a name such as {@code _25._tcp.mx.example.org}. */
    CompletionStage<DnsAnswer<TlsaRecord>> tlsa(String name);

    /** {@code preference} 0 and an empty {@code exchange} is the null MX of RFC 7505. */
    record MxRecord(int preference, String exchange) {}

    /** RFC 6698, 2.1. */
    record TlsaRecord(int usage, int selector, int matchingType, byte[] data) {}
}
