package org.mailserv.app.api;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueOrder;

/**
 * A change to the queue. Something has to be named, unless {@code all} is true.
 *
 * @param ids further ids, for clients that send a list under this name
 * @param limit the maximum number of messages; 0 or null for all
 * @param all whether every message is meant if nothing is named
 * @param reason the operator's words for the log, a hold and a bounce
 * @param dryRun whether nothing is to be changed
 * @param undoSeconds the time in which a removal or a bounce can be undone, at most 300 seconds; 0 or null to do it at once
 */
public record QueueChange(
        QueueAdmin.@Nullable Action action,
        List<String> id,
        List<String> ids,
        @Nullable String from,
        @Nullable String to,
        @Nullable String domain,
        @Nullable String olderThan,
        @Nullable Integer limit,
        @Nullable Boolean all,
        @Nullable String reason,
        @Nullable Boolean dryRun,
        @Nullable Integer undoSeconds)
        implements Audited {
    private static final int MAX_UNDO_SECONDS = 300;

    /** Returns a change of the messages with these ids, or of the recipients in a domain. */
    public static QueueChange of(QueueAdmin.Action action, List<String> ids, @Nullable String domain) {
        return new QueueChange(action, ids, List.of(), null, null, domain, null, null, false, null, false, null);
    }

    /** Returns the change as a dry run. */
    public QueueChange rehearsal() {
        return new QueueChange(action, id, ids, from, to, domain, olderThan, limit, all, reason, true, null);
    }

    /** Returns the change of the messages of its dry run alone, whatever arrives later; it takes effect at once. */
    public QueueChange only(QueueChanged found) {
        List<String> named =
                found.messages().stream().map(each -> each.message().id()).toList();
        return new QueueChange(action, named, List.of(), from, to, domain, null, null, false, reason, false, null);
    }

    /** Returns the change with a time in which it can be undone. */
    public QueueChange withUndo(int seconds) {
        return new QueueChange(action, id, ids, from, to, domain, olderThan, limit, all, reason, dryRun, seconds);
    }

    /** Returns the time in which the change can be undone; 0 if it takes effect at once. */
    public int undoWindow() throws ApiException {
        int seconds = undoSeconds == null ? 0 : undoSeconds;
        if (seconds > MAX_UNDO_SECONDS) {
            throw ApiException.malformed("undo_seconds: out of range (expected: 0 to " + MAX_UNDO_SECONDS + ")");
        } else if (seconds > 0 && !isFinal()) {
            throw ApiException.malformed("undo_seconds: only for remove and bounce");
        }
        return isDryRun() ? 0 : seconds;
    }

    /** Returns the change with a maximum number of messages. */
    public QueueChange withLimit(int most) {
        return new QueueChange(action, id, ids, from, to, domain, olderThan, most, all, reason, dryRun, undoSeconds);
    }

    /** Returns the order of an operator. */
    public QueueOrder order(String by) throws ApiException {
        QueueFilter filter = filter();
        if (filter.isOpen() && !Boolean.TRUE.equals(all)) {
            throw ApiException.malformed("neither id nor domain nor to");
        } else if (action == null) {
            throw ApiException.malformed("unknown action (expected: retry, hold, release, remove, bounce)");
        }
        return new QueueOrder(action, filter, by, reason == null ? "" : reason, isDryRun());
    }

    public QueueFilter filter() throws ApiException {
        List<String> named = new ArrayList<>(id);
        named.addAll(ids);
        return QueueSelection.filter(named, from, to, domain, olderThan, limit);
    }

    public boolean isDryRun() {
        return Boolean.TRUE.equals(dryRun);
    }

    /** Returns whether mail is lost to its recipients, so that a person is asked first. */
    public boolean isFinal() {
        return action == QueueAdmin.Action.REMOVE || action == QueueAdmin.Action.BOUNCE;
    }

    /** Returns null: the relay writes its own audit lines, one per message. */
    @Override
    public @Nullable String auditText() {
        return null;
    }
}
