package org.mailserv.app.http.view;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The message trace.
 *
 * @param text the search text, or an empty text
 * @param stories of messages, the latest message first
 */
public record TracePage(Layout layout, String text, List<Story> stories) {
    /**
     * The events of one message, oldest first.
     *
     * @param subject of the message, or an empty text
     */
    public record Story(String id, String subject, List<StoryLine> lines) {
        private static final Pattern SUBJECT = Pattern.compile(" subject=\"([^\"]*)\"$");

        /** Returns the story of the lines of a trace. */
        public static Story of(String id, List<String> lines) {
            String subject = lines.stream()
                    .map(SUBJECT::matcher)
                    .filter(Matcher::find)
                    .map(found -> found.group(1))
                    .findFirst()
                    .orElse("");
            return new Story(
                    id,
                    subject,
                    lines.stream().map(line -> StoryLine.of(line, id)).toList());
        }
    }
}
