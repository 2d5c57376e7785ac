package org.mailserv.relay.queue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The result of an order.
 *
 * @param changes messages that were changed, or would be changed in a dry run
 * @param problems failures, one line each
 * @param skipped messages that match but that the action does not apply to, such as a release of a message that is not on hold
 */
public record QueueResult(List<Change> changes, List<String> problems, int skipped) {
    private static final String NO_SUCH_ID = ": no message in the queue has this id";
    private static final String NO_MATCH = ": not in the queue, or the other options do not match it";

    public QueueResult {
        changes = List.copyOf(changes);
        problems = List.copyOf(problems);
    }

    /**
     * A changed message.
     *
     * @param view the message after the change
     * @param recipients the addresses that the order was carried out for
     */
    public record Change(QueueView view, List<String> recipients) {
        public Change {
            recipients = List.copyOf(recipients);
        }
    }

    /** Returns the number of recipients that the order was carried out for. */
    public int recipients() {
        return changes.stream().mapToInt(change -> change.recipients().size()).sum();
    }

    /** Returns a line for each id that was named and not found, in the order of the ids. */
    public static List<String> missing(QueueFilter filter, List<QueueView> found) {
        return missingIds(filter, found.stream().map(QueueView::id).toList());
    }

    /** Returns a line for each id that was named and is not among those found, in the order of the ids. */
    public static List<String> missingIds(QueueFilter filter, List<String> found) {
        if (filter.limit() > 0 && found.size() >= filter.limit()) {
            return List.of();
        }
        Set<String> known = new HashSet<>(found);
        boolean only = filter.sender() == null
                && filter.recipient() == null
                && filter.domain() == null
                && filter.olderThan() == null;
        List<String> lines = new ArrayList<>();
        filter.ids().stream()
                .filter(id -> !known.contains(id))
                .sorted()
                .forEach(id -> lines.add(id
                        + (only ? NO_SUCH_ID + " (`mailserv trace " + id + "` shows what became of it)" : NO_MATCH)));
        return lines;
    }

    /** Returns whether a problem says that a message that was named is not there. */
    public static boolean isMissing(String problem) {
        return problem.contains(NO_SUCH_ID) || problem.endsWith(NO_MATCH);
    }
}
