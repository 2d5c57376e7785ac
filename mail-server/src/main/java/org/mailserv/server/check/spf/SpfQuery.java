package org.mailserv.server.check.spf;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.mailserv.server.dns.Dns;

/**
 * The arguments of check_host() and the limits of one check, which policies that include each other share. Confined to one thread at a
 * time. RFC 7208, 4.1 and 4.6.4.
 */
final class SpfQuery {
    static final int MAX_LOOKUPS = 10;
    static final int MAX_VOID = 2;
    private static final String HEX = "0123456789ABCDEF";

    final Dns dns;
    final InetAddress client;
    final String helo;
    final String localPart;
    final String senderDomain;
    final String receiver;
    final long now;

    private int lookups;
    private int voids;

    SpfQuery(
            Dns dns,
            InetAddress client,
            String helo,
            String localPart,
            String senderDomain,
            String receiver,
            long now) {
        this.dns = dns;
        this.client = client;
        this.helo = helo;
        this.localPart = localPart;
        this.senderDomain = senderDomain;
        this.receiver = receiver;
        this.now = now;
    }

    boolean isIpv4() {
        return client.getAddress().length == 4;
    }

    /** Counts a term that needs a DNS lookup. */
    void countLookup() {
        if (++lookups > MAX_LOOKUPS) {
            throw SpfException.permanent("more than " + MAX_LOOKUPS + " look-ups");
        }
    }

    /** Counts a void lookup: a question without an answer. */
    void countVoid() {
        if (++voids > MAX_VOID) {
            throw SpfException.permanent("more than " + MAX_VOID + " look-ups without an answer");
        }
    }

    /** Returns the address in the form of the macro "i". RFC 7208, 7.3. */
    String dotted() {
        if (isIpv4()) {
            return client.getHostAddress();
        }
        StringBuilder nibbles = new StringBuilder(64);
        for (byte octet : client.getAddress()) {
            nibbles.append(HEX.charAt(octet >> 4 & 15)).append('.');
            nibbles.append(HEX.charAt(octet & 15)).append('.');
        }
        nibbles.setLength(nibbles.length() - 1);
        return nibbles.toString();
    }

    /** Returns the value of a macro letter. */
    String value(char letter, String domain, String clientName) {
        return switch (letter) {
            case 's' -> localPart + "@" + senderDomain;
            case 'l' -> localPart;
            case 'o' -> senderDomain;
            case 'd' -> domain;
            case 'i' -> dotted();
            case 'p' -> clientName;
            case 'h' -> helo;
            case 'c' -> NetUtil.toAddressString(client);
            case 'r' -> receiver;
            case 't' -> Long.toString(now);
            default -> isIpv4() ? "in-addr" : "ip6";
        };
    }

    /** Returns whether two addresses share a prefix of the given length. */
    static boolean matches(byte[] one, byte[] other, int bits) {
        if (one.length != other.length) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            if (((one[i / 8] ^ other[i / 8]) >> 7 - i % 8 & 1) != 0) {
                return false;
            }
        }
        return true;
    }
}
