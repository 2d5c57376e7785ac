package org.mailserv.app.http.view;

import java.util.List;

/**
 * The message trace.
 *
 * @param text the search text, or an empty text
 * @param stories of messages, the latest message first
 */
public record TracePage(Layout layout, String text, List<Story> stories) {
    /** The events of one message, oldest first. */
    public record Story(String id, List<StoryLine> lines) {}
}
