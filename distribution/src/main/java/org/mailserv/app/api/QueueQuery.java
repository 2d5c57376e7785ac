package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.QueueFilter;

/**
 * A look at the queue. Everything that is given has to match.
 *
 * @param id message ids
 * @param from the sender; {@code <>} for bounces
 * @param to a recipient that waits
 * @param domain the domain of a recipient that waits
 * @param olderThan the minimum age, such as {@code 6h}
 * @param limit the maximum number of messages; 0 or null for all
 * @param text a text that an address, a domain, a reason or the id contains, in any case; with {@code subjects} also the subject
 * @param subjects whether the answer contains the subjects, which are read from the messages
 */
public record QueueQuery(
        List<String> id,
        @Nullable String from,
        @Nullable String to,
        @Nullable String domain,
        @Nullable String olderThan,
        @Nullable Integer limit,
        @Nullable String text,
        @Nullable Boolean subjects) {
    /** Creates a query without a text. */
    public QueueQuery(
            List<String> id,
            @Nullable String from,
            @Nullable String to,
            @Nullable String domain,
            @Nullable String olderThan,
            @Nullable Integer limit) {
        this(id, from, to, domain, olderThan, limit, null, null);
    }

    /** Returns a query for the messages with these ids. */
    public static QueueQuery ofIds(List<String> ids) {
        return new QueueQuery(ids, null, null, null, null, null);
    }

    /** Returns a query for all messages, or for as many as the limit permits. */
    public static QueueQuery all(int limit) {
        return new QueueQuery(List.of(), null, null, null, null, limit);
    }

    /** Returns a query for the messages that wait for a domain. */
    public static QueueQuery ofDomain(String domain, int limit) {
        return new QueueQuery(List.of(), null, null, domain, null, limit);
    }

    /** Returns the query with at most {@code most} messages. */
    public QueueQuery atMost(int most) {
        return limit == null || limit == 0 || limit > most
                ? new QueueQuery(id, from, to, domain, olderThan, most, text, subjects)
                : this;
    }

    /** Returns the query without a limit. */
    public QueueQuery whole() {
        return new QueueQuery(id, from, to, domain, olderThan, null, text, subjects);
    }

    /** Returns the query with an answer that contains the subjects. */
    public QueueQuery withSubjects() {
        return new QueueQuery(id, from, to, domain, olderThan, limit, text, true);
    }

    public QueueFilter filter() throws ApiException {
        return QueueSelection.filter(id, from, to, domain, olderThan, limit);
    }
}
