package org.mailserv.app.api;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.DestinationView;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.TlsUse;

/**
 * The queued mail for one destination.
 *
 * @param destination the domain of the recipients
 * @param messages the number of messages with a pending recipient there
 * @param recipients the number of pending recipients
 * @param held the number of these messages that are on hold
 * @param oldest the arrival of the oldest message
 * @param nextTry the first time at which a recipient is tried; null if all messages are on hold
 * @param backOffUntil the time before which a running server does not try the destination; null if it does not back off
 * @param failures attempts to reach it that have failed in a row
 * @param failingSince the time of the first of them; null if the last attempt succeeded
 * @param connections open connections to it; 0 without a running server
 * @param tls the TLS of the last connection, such as {@code TLSv1.3, verified by dane}; {@code none} without TLS; null if there was no connection
 * @param lastError the last reply to the recipient that is tried next, or else the reason for its wait; null if there is neither
 */
public record DestinationSummary(
        String destination,
        int messages,
        int recipients,
        int held,
        Instant oldest,
        @Nullable Instant nextTry,
        @Nullable Instant backOffUntil,
        int failures,
        @Nullable Instant failingSince,
        int connections,
        @Nullable String tls,
        @Nullable String lastError)
        implements Visible {
    /** Returns true: it counts only messages that the operator sees. */
    @Override
    public boolean isVisibleTo(Operator by) {
        return true;
    }

    /** Returns the summary with the state of the destination in a running server, or as it is without one. */
    public DestinationSummary with(@Nullable DestinationView state) {
        TlsUse use = state == null ? null : state.tls();
        return state == null
                ? this
                : new DestinationSummary(
                        destination,
                        messages,
                        recipients,
                        held,
                        oldest,
                        nextTry,
                        state.backOffUntil(),
                        state.failures(),
                        state.failingSince(),
                        state.connections(),
                        use == null ? null : use.describe(),
                        lastError);
    }

    /**
     * Returns the destinations of messages, those with the most messages first.
     *
     * @param filter selects the recipients that count
     */
    public static List<DestinationSummary> of(Iterable<QueueMessage> messages, QueueFilter filter) {
        Map<String, Sum> sums = new TreeMap<>();
        for (QueueMessage message : messages) {
            Set<String> counted = new HashSet<>();
            for (QueueMessage.RecipientInfo recipient : message.recipients()) {
                if (recipient.isPending() && filter.selects(recipient.address())) {
                    String domain = recipient.domain().toLowerCase(Locale.ROOT);
                    Sum sum = sums.computeIfAbsent(domain, name -> new Sum());
                    sum.add(recipient);
                    if (counted.add(domain)) {
                        sum.add(message);
                    }
                }
            }
        }
        List<DestinationSummary> all = new ArrayList<>();
        sums.forEach((domain, sum) -> all.add(sum.summary(domain)));
        all.sort(Comparator.comparingInt(DestinationSummary::messages).reversed());
        return all;
    }

    /** Returns the sum with the mail of another server of the cluster for the same destination. */
    public DestinationSummary plus(DestinationSummary other) {
        Instant next = nextTry;
        boolean later = next == null || other.nextTry != null && other.nextTry.isBefore(next);
        return new DestinationSummary(
                destination,
                messages + other.messages,
                recipients + other.recipients,
                held + other.held,
                other.oldest.isBefore(oldest) ? other.oldest : oldest,
                later ? other.nextTry : next,
                later ? other.backOffUntil : backOffUntil,
                Math.max(failures, other.failures),
                later ? other.failingSince : failingSince,
                connections + other.connections,
                tls == null ? other.tls : tls,
                later && other.lastError != null || lastError == null ? other.lastError : lastError);
    }

    private static final class Sum {
        private int messages;
        private int recipients;
        private int held;
        private Instant oldest = Instant.MAX;
        private @Nullable Instant nextTry;
        private @Nullable String lastError;

        void add(QueueMessage message) {
            messages++;
            held += message.hold() == null ? 0 : 1;
            oldest = message.arrival().isBefore(oldest) ? message.arrival() : oldest;
        }

        void add(QueueMessage.RecipientInfo recipient) {
            recipients++;
            Instant next = recipient.nextTry();
            String error = recipient.reply() == null ? recipient.waiting() : recipient.reply();
            boolean sooner = next != null && (nextTry == null || next.isBefore(nextTry));
            if (error != null && (sooner || lastError == null)) {
                lastError = error;
            }
            if (sooner) {
                nextTry = next;
            }
        }

        DestinationSummary summary(String domain) {
            return new DestinationSummary(
                    domain, messages, recipients, held, oldest, nextTry, null, 0, null, 0, null, lastError);
        }
    }
}
