package org.mailserv.app.http.view;

import java.util.List;
import org.mailserv.app.api.QueueMessage;

/**
 * The queue.
 *
 * @param messages the first of those found
 * @param all the number of those found
 * @param domain the destination that is shown, or an empty text for all
 * @param text the text that the messages contain, or an empty text
 */
public record QueueListPage(
        Layout layout,
        List<QueueMessage> messages,
        int all,
        List<WaitingMail> destinations,
        String domain,
        String text) {}
