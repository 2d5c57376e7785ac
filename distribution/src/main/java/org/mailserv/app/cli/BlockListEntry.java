package org.mailserv.app.cli;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.server.Lookups;
import org.mailserv.server.check.reputation.DnsLists;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.text.Values;

/**
 * The result of looking an address up in a DNS block list.
 *
 * @param state the meaning of the answer
 * @param text the answer in words
 */
record BlockListEntry(State state, String text) {
    enum State {
        LISTED,
        NOT_LISTED,
        /** The list or the resolver gave no usable answer. */
        UNKNOWN
    }

    /** Looks an address up. A list without its test entry (RFC 5782, 5) proves nothing. Blocks. */
    static BlockListEntry find(InetAddress address, String zone, Dns dns) throws StartupException {
        DnsAnswer<InetAddress> answer = Lookups.await(dns.ipv4(DnsLists.reversed(address) + "." + zone));
        if (answer instanceof DnsAnswer.TemporaryFailure<?>) {
            return new BlockListEntry(State.UNKNOWN, Lookups.words(answer));
        } else if (answer instanceof DnsAnswer.Found<InetAddress> found) {
            return found(found.records());
        }
        String test = address.getAddress().length == 4
                ? "2.0.0.127." + zone
                // ::FFFF:7F00:2
                : "2.0.0.0.0.0.f.7.f.f.f.f." + "0.".repeat(20) + zone;
        DnsAnswer<InetAddress> known = Lookups.await(dns.ipv4(test));
        boolean works = known instanceof DnsAnswer.Found<InetAddress> entry
                && entry.records().stream().anyMatch(DnsLists::isListing);
        return works
                ? new BlockListEntry(State.NOT_LISTED, "not listed")
                : new BlockListEntry(
                        State.UNKNOWN,
                        "no entry, but not even its own test entry " + test + " (" + Lookups.words(known)
                                + "): it is no block list, or does not answer this name server");
    }

    private static BlockListEntry found(List<InetAddress> records) {
        if (records.stream().anyMatch(DnsLists::isListing)) {
            return new BlockListEntry(State.LISTED, "listed (" + Values.text(records) + ")");
        }
        boolean refused = records.stream().anyMatch(DnsLists::isRefusal);
        return new BlockListEntry(
                State.UNKNOWN,
                refused
                        ? "the list does not answer this name server (" + Values.text(records) + ": " + refusal(records)
                                + ")"
                        : "answered " + Values.text(records) + ", which is no entry of a list");
    }

    /** The codes of Spamhaus, which other lists have adopted. */
    private static String refusal(List<InetAddress> records) {
        return switch (records.get(0).getHostAddress().toLowerCase(Locale.ROOT)) {
            case "127.255.255.252" -> "mistake in the list's name";
            case "127.255.255.254" -> "it came through a public resolver";
            case "127.255.255.255" -> "too many queries";
            default -> "an error code";
        };
    }
}
