package org.mailserv.app.http.view;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.DestinationSummary;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.control.QueueReport;

/**
 * The mail that waits for one domain.
 *
 * @param next the first attempt, or null if all of it is on hold
 * @param reason the last error, the back-off and holds, each once
 * @param state the state of the destination; null if it is not known
 */
public record WaitingMail(
        String domain,
        long messages,
        long held,
        @Nullable Instant next,
        String reason,
        @Nullable DestinationSummary state) {

    /** Returns the mail that waits, by destination, without the states of these. */
    public static List<WaitingMail> byDomain(List<QueueMessage> queue) {
        return byDomain(queue, List.of());
    }

    /** Returns the mail that waits, by destination. */
    public static List<WaitingMail> byDomain(List<QueueMessage> queue, List<DestinationSummary> states) {
        Map<String, Sum> sums = new TreeMap<>();
        for (QueueMessage message : queue) {
            Set<String> counted = new LinkedHashSet<>();
            for (QueueMessage.RecipientInfo recipient : message.recipients()) {
                if (recipient.isPending()) {
                    sums.computeIfAbsent(recipient.domain(), key -> new Sum())
                            .add(message, recipient, counted.add(recipient.domain()));
                }
            }
        }
        Map<String, DestinationSummary> known = new HashMap<>();
        states.forEach(state -> known.put(state.destination(), state));
        List<WaitingMail> all = new ArrayList<>();
        sums.forEach((domain, sum) -> all.add(new WaitingMail(
                domain,
                sum.messages,
                sum.held,
                sum.next,
                String.join("; ", sum.reasons()),
                known.get(domain.toLowerCase(Locale.ROOT)))));
        return all;
    }

    /** Returns the back-off of the destination in words, or an empty text if there is none. */
    public String backOff() {
        if (state == null || state.backOffUntil() == null) {
            return "";
        }
        return "backs off: tried again " + Words.until(state.backOffUntil()) + ", after "
                + Words.count(state.failures(), "failed attempt");
    }

    /** Returns the open connections and the TLS of the last one in words. */
    public String connections() {
        if (state == null) {
            return "not known";
        }
        String tls = state.tls();
        return (state.connections() == 0 ? "no connection" : Words.count(state.connections(), "connection"))
                + (tls == null ? "" : tls.equals("none") ? ", last without TLS" : ", last with " + tls);
    }

    /** Returns why a message waits: its holds, and the errors and back-offs of its recipients, each once. */
    public static String reason(QueueMessage message) {
        Sum sum = new Sum();
        message.recipients().stream()
                .filter(QueueMessage.RecipientInfo::isPending)
                .forEach(recipient -> sum.add(message, recipient, true));
        return String.join("; ", sum.reasons());
    }

    private static final class Sum {
        private long messages;
        private long held;
        private String error = "";
        private String hold = "";
        private String waiting = "";
        private @Nullable Instant next;

        void add(QueueMessage message, QueueMessage.RecipientInfo recipient, boolean first) {
            QueueMessage.HoldInfo held = message.hold();
            messages += first ? 1 : 0;
            if (held != null) {
                this.held += first ? 1 : 0;
                hold = hold.isEmpty() ? "On hold " + QueueReport.held(held) : hold;
            }
            error = recipient.reply() == null ? error : recipient.reply();
            Instant time = recipient.nextTry();
            if (time != null && (next == null || time.isBefore(next))) {
                next = time;
                waiting = recipient.waiting() == null ? "" : recipient.waiting();
            }
        }

        Set<String> reasons() {
            Set<String> lines = new LinkedHashSet<>();
            lines.add(error.isEmpty() || waiting.contains(error) ? "" : error);
            lines.add(waiting);
            lines.add(hold);
            lines.remove("");
            return lines;
        }
    }
}
