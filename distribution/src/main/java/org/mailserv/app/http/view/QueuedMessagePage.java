package org.mailserv.app.http.view;

import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueuedSource;
import org.mailserv.app.control.QueueReport;

/**
 * A queued message.
 *
 * @param source null if the person may not read it
 * @param mayChange whether the person may change the queue
 */
public record QueuedMessagePage(
        Layout layout, QueueMessage message, @Nullable QueuedSource source, boolean mayChange) {
    /** Returns the cause of the hold, or an empty text. */
    public String hold() {
        QueueMessage.HoldInfo hold = message.hold();
        return hold == null ? "" : QueueReport.held(hold);
    }
}
