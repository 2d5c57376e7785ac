package org.mailserv.app.api;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.server.text.Durations;

/** The parts of a request that select messages of the queue. */
final class QueueSelection {
    private QueueSelection() {}

    /** Returns the filter for a selection whose texts may be empty or missing. */
    static QueueFilter filter(
            List<String> ids,
            @Nullable String from,
            @Nullable String to,
            @Nullable String domain,
            @Nullable String olderThan,
            @Nullable Integer limit)
            throws ApiException {
        Set<String> named = new LinkedHashSet<>();
        ids.forEach(id -> named.add(id.strip().toLowerCase(Locale.ROOT)));
        String age = given(olderThan);
        Duration time = age == null ? null : Durations.parse(age);
        if (age != null && time == null) {
            throw ApiException.malformed("older_than: not an age (expected: 90s, 15min, 6h, 2d)");
        }
        return new QueueFilter(named, given(from), given(to), given(domain), limit == null ? 0 : limit, time);
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
