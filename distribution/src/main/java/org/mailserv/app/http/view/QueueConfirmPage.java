package org.mailserv.app.http.view;

import java.util.List;
import java.util.Objects;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.relay.queue.QueueAdmin;

/**
 * The question before recipients are removed or bounced.
 *
 * @param action its name in forms
 * @param summary the result of a dry run in words
 * @param lines one per recipient, not all of them
 */
public record QueueConfirmPage(
        Layout layout, QueueChange change, QueueChanged found, String action, String summary, List<String> lines) {
    private static final int MAX_LINES = 20;

    /** Returns the question about a change, from its dry run. */
    public static QueueConfirmPage of(Layout layout, QueueChange change, QueueChanged found, String summary) {
        List<String> lines = found.messages().stream()
                .flatMap(each -> each.changed().stream()
                        .map(address ->
                                each.message().id() + " from <" + each.message().sender() + "> to <" + address + ">"))
                .limit(MAX_LINES)
                .toList();
        return new QueueConfirmPage(
                layout, change, found, Json.label(Objects.requireNonNull(change.action())), summary, lines);
    }

    public boolean isBounce() {
        return change.action() == QueueAdmin.Action.BOUNCE;
    }

    public String selection() {
        return change.domain() != null ? "domain " + change.domain() : "id " + String.join(", ", change.id());
    }

    /** Returns the number of recipients that are not listed. */
    public int more() {
        return found.recipients() - lines.size();
    }
}
