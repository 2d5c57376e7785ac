package org.mailserv.app.http.view;

import java.util.List;
import org.mailserv.app.api.QueueMessage;

/**
 * The queue.
 *
 * @param domain the destination that is shown, or an empty text for all
 */
public record QueueListPage(
        Layout layout, List<QueueMessage> messages, List<WaitingMail> destinations, String domain) {}
