package org.mailserv.relay.queue;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;

/**
 * Which messages are meant; all of what is given has to fit.
 *
 * @param ids none for any
 * @param sender an address, or {@code <>}, or null for any
 * @param recipient an address of a recipient that waits, or null
 * @param domain of a recipient that waits, or null
 * @param limit most messages; 0 for no bound
 */
public record QueueFilter(
        Set<String> ids,
        @Nullable String sender,
        @Nullable String recipient,
        @Nullable String domain,
        int limit) {

    public QueueFilter {
        ids = Set.copyOf(ids);
    }

    /** Everything. */
    public static QueueFilter all() {
        return new QueueFilter(Set.of(), null, null, null, 0);
    }

    /** Whether nothing is asked for by name, so that every message fits. */
    public boolean isOpen() {
        return ids.isEmpty() && sender == null && recipient == null && domain == null;
    }

    public boolean fits(QueueView view) {
        String wanted = sender == null ? null : sender.equals("<>") ? "" : lower(sender);
        List<QueueView.RecipientView> waiting = view.recipients().stream()
                .filter(one -> one.status().equals("pending"))
                .toList();
        return (ids.isEmpty() || ids.contains(view.id()))
                && (wanted == null || lower(view.sender()).equals(wanted))
                && (recipient == null
                        || waiting.stream().anyMatch(one -> lower(one.address()).equals(lower(recipient))))
                && (domain == null
                        || waiting.stream()
                                .anyMatch(one -> lower(one.address()).endsWith("@" + DomainNames.canonical(domain))));
    }

    /** An address in lower case, its domain in the form in which domains are compared. */
    private static String lower(String text) {
        int at = text.lastIndexOf('@');
        return at < 0
                ? text.toLowerCase(Locale.ROOT)
                : text.substring(0, at + 1).toLowerCase(Locale.ROOT) + DomainNames.canonical(text.substring(at + 1));
    }
}
