package org.mailserv.app.http.view;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueueOrderInfo;
import org.mailserv.relay.queue.QueueAdmin;

/**
 * The queue.
 *
 * @param messages the first of those found
 * @param all the number of those found
 * @param mayChange whether the person may change the queue
 * @param orders changes that can be undone, and the latest ones
 * @param domain the destination that is shown, or an empty text for all
 * @param text the text that the messages contain, or an empty text
 * @param polled whether the page asks again for itself while changes wait
 */
public record QueueListPage(
        Layout layout,
        List<QueueMessage> messages,
        int all,
        List<WaitingMail> destinations,
        boolean mayChange,
        List<QueueOrderInfo> orders,
        String domain,
        String text,
        boolean polled) {
    /** Returns whether a change waits or is under way. */
    public boolean isWaiting() {
        return orders.stream()
                .anyMatch(order ->
                        order.state() == QueueOrderInfo.State.WAITING || order.state() == QueueOrderInfo.State.RUNNING);
    }

    /** Returns the path of this page for asking again while changes wait. */
    public String pollPath() {
        return "/admin/queue?polled=yes&domain=" + URLEncoder.encode(domain, StandardCharsets.UTF_8) + "&text="
                + URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Returns when the changes are to be loaded again: while one waits; once more for the list of messages after the last; else null. */
    public @Nullable String trigger() {
        return isWaiting() ? "every 2s" : polled ? "load" : null;
    }

    /** Returns an order in words. */
    public static String words(QueueOrderInfo order) {
        String what = Words.count(order.recipients(), "recipient") + " of " + Words.count(order.messages(), "message");
        boolean removes = order.action() == QueueAdmin.Action.REMOVE;
        String done = removes ? "removed" : "returned to the sender";
        return switch (order.state()) {
            case WAITING -> what + " will be " + done + " " + Words.until(order.takesEffect()) + ".";
            case RUNNING -> what + ": being " + done + " at this moment.";
            case DONE -> "Was " + done + ": " + order.result() + ".";
            case UNDONE -> "Undone: nothing was changed (" + what + ").";
            case FAILED -> "Not " + done + ": " + order.result() + ".";
        };
    }
}
