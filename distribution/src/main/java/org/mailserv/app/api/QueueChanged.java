package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.QueueResult;

/**
 * The result of a change to the queue.
 *
 * @param error a reason why nothing was changed, or null
 * @param changed the number of messages that were changed, or would be in a dry run
 * @param recipients the number of their recipients that were changed
 * @param problems one line per message that could not be changed
 * @param skipped messages that match but that the action does not apply to
 * @param messages the changed messages as they are now
 * @param order the order that waits and can be undone; null if the change took effect at once. While it waits, the counts are those of a dry run
 */
public record QueueChanged(
        @Nullable String error,
        int changed,
        int recipients,
        List<String> problems,
        int skipped,
        List<ChangedMessage> messages,
        @Nullable QueueOrderInfo order) {
    /**
     * A changed message.
     *
     * @param changed the addresses of the changed recipients
     */
    public record ChangedMessage(QueueMessage message, List<String> changed) {}

    /** Returns a result as the API shows it. */
    public static QueueChanged of(QueueResult result) {
        return new QueueChanged(
                null,
                result.changes().size(),
                result.recipients(),
                result.problems(),
                result.skipped(),
                result.changes().stream()
                        .map(change -> new ChangedMessage(QueueMessage.of(change.view()), change.recipients()))
                        .toList(),
                null);
    }

    /** Returns the result of a dry run with the order that waits. */
    public QueueChanged with(QueueOrderInfo waiting) {
        return new QueueChanged(error, changed, recipients, problems, skipped, messages, waiting);
    }

    /** Returns the result with a reason why nothing was changed. */
    public QueueChanged because(String reason) {
        return new QueueChanged(reason, changed, recipients, problems, skipped, messages, order);
    }
}
