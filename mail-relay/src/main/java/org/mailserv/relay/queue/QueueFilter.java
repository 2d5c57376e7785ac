package org.mailserv.relay.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;

/**
 * A selection of messages and of their recipients. All given criteria have to match.
 *
 * @param ids message ids; empty for any
 * @param sender an address, or {@code <>}, or null for any
 * @param recipient the address of a waiting recipient, or null
 * @param domain the domain of a waiting recipient, or null
 * @param limit maximum number of messages; 0 for no limit
 * @param olderThan minimum age of the message, or null
 */
public record QueueFilter(
        Set<String> ids,
        @Nullable String sender,
        @Nullable String recipient,
        @Nullable String domain,
        int limit,
        @Nullable Duration olderThan) {

    public QueueFilter {
        ids = Set.copyOf(ids);
    }

    /** Creates a filter without a minimum age. */
    public QueueFilter(
            Set<String> ids, @Nullable String sender, @Nullable String recipient, @Nullable String domain, int limit) {
        this(ids, sender, recipient, domain, limit, null);
    }

    /** Returns a filter that matches everything. */
    public static QueueFilter all() {
        return new QueueFilter(Set.of(), null, null, null, 0);
    }

    /** Returns whether there are no criteria, so that every message matches. */
    public boolean isOpen() {
        return !namesSomething() && olderThan == null;
    }

    /** Returns whether an id, an address or a domain is given. */
    public boolean namesSomething() {
        return !ids.isEmpty() || sender != null || recipient != null || domain != null;
    }

    /** Returns whether a message matches, with at least one of its waiting recipients. */
    public boolean fits(QueueView view, Instant now) {
        String wanted = sender == null ? null : sender.equals("<>") ? "" : lower(sender);
        return (ids.isEmpty() || ids.contains(view.id()))
                && (wanted == null || lower(view.sender()).equals(wanted))
                && (olderThan == null || !view.arrival().plus(olderThan).isAfter(now))
                && (recipient == null && domain == null
                        || view.recipients().stream().anyMatch(one -> one.isPending() && selects(one.address())));
    }

    /** Returns whether a recipient is selected. */
    public boolean selects(String address) {
        return (recipient == null || lower(address).equals(lower(recipient)))
                && (domain == null || lower(address).endsWith("@" + DomainNames.canonical(domain)));
    }

    /** Returns the selection in words, for the log. */
    public String describe() {
        List<String> parts = new ArrayList<>();
        if (!ids.isEmpty()) {
            parts.add(ids.size() == 1 ? "id " + ids.iterator().next() : ids.size() + " ids");
        }
        if (sender != null) {
            parts.add("sender " + sender);
        }
        if (recipient != null) {
            parts.add("recipient " + recipient);
        }
        if (domain != null) {
            parts.add("domain " + domain);
        }
        if (olderThan != null) {
            parts.add("older than " + olderThan.toMinutes() + " min");
        }
        return parts.isEmpty() ? "all" : String.join(", ", parts);
    }

    /** Returns an address in lower case, with its domain in canonical form. */
    private static String lower(String text) {
        int at = text.lastIndexOf('@');
        return at < 0
                ? text.toLowerCase(Locale.ROOT)
                : text.substring(0, at + 1).toLowerCase(Locale.ROOT) + DomainNames.canonical(text.substring(at + 1));
    }
}
