package org.mailserv.server.check.reputation;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.text.Failures;

/**
 * Queries block and allow lists in the DNS, all in parallel, and adds up their weights. A list that does not answer contributes nothing.
 * RFC 5782.
 */
public final class DnsLists {
    private final Dns dns;
    private final List<ListConfig> lists;

    public DnsLists(Dns dns, List<ListConfig> lists) {
        this.dns = dns;
        this.lists = List.copyOf(lists);
    }

    /**
     * The sum over all lists.
     *
     * @param points sum of the weights
     * @param listed public names of the lists that contain the client
     */
    public record Score(int points, List<String> listed) {}

    public boolean isEmpty() {
        return lists.isEmpty();
    }

    /**
     * Queries all lists. The stage never fails.
     *
     * @param senderDomain the domain of the sender, or null for the null reverse-path
     */
    public CompletionStage<Score> ask(InetAddress client, @Nullable String helo, @Nullable String senderDomain) {
        CompletionStage<Score> sum = CompletableFuture.completedFuture(new Score(0, List.of()));
        for (ListConfig list : lists) {
            String subject = switch (list.subject()) {
                case CLIENT -> reversed(client);
                case HELO -> name(helo);
                case SENDER -> name(senderDomain);
            };
            if (subject != null) {
                sum = sum.thenCombine(
                        dns.ipv4(subject + "." + list.zone()).exceptionally(DnsLists::noAnswer),
                        (score, answer) -> add(score, list, answer));
            }
        }
        return sum;
    }

    private static DnsAnswer<InetAddress> noAnswer(Throwable failure) {
        return new DnsAnswer.TemporaryFailure<>(Failures.text(failure));
    }

    private static Score add(Score score, ListConfig list, DnsAnswer<InetAddress> answer) {
        if (!(answer instanceof DnsAnswer.Found<InetAddress> found)
                || found.records().stream().noneMatch(DnsLists::isListing)) {
            return score;
        }
        List<String> listed = new ArrayList<>(score.listed());
        if (!listed.contains(list.shownName())) {
            listed.add(list.shownName());
        }
        return new Score(score.points() + list.weight(), listed);
    }

    /**
     * Returns whether an address means "listed". Only 127.0.0.0/8 does, without the refusals, and without 127.0.0.1, which no list returns. RFC
     * 5782, 2.1.
     */
    public static boolean isListing(InetAddress address) {
        byte[] octets = address.getAddress();
        boolean loopback = octets.length == 4 && octets[0] == 127;
        return loopback && !isRefusal(address) && !(octets[1] == 0 && octets[2] == 0 && octets[3] == 1);
    }

    /** Returns whether an address, in 127.255.0.0/16, means that the list refused to answer us. */
    public static boolean isRefusal(InetAddress address) {
        byte[] octets = address.getAddress();
        return octets.length == 4 && octets[0] == 127 && octets[1] == -1;
    }

    private static @Nullable String name(@Nullable String name) {
        boolean usable = name != null && name.length() < 200 && name.matches("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+");
        return usable ? name : null;
    }

    /** Returns the octets, or nibbles of an IPv6 address, in reverse order, separated by dots. RFC 5782, 2.1 and 2.4. */
    public static String reversed(InetAddress address) {
        byte[] octets = address.getAddress();
        StringBuilder name = new StringBuilder();
        for (int i = octets.length - 1; i >= 0; i--) {
            int octet = octets[i] & 0xFF;
            if (octets.length == 4) {
                name.append(octet).append('.');
            } else {
                name.append(Character.forDigit(octet & 15, 16)).append('.');
                name.append(Character.forDigit(octet >> 4, 16)).append('.');
            }
        }
        name.setLength(name.length() - 1);
        return name.toString();
    }
}
