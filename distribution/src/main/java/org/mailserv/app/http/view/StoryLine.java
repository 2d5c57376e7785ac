package org.mailserv.app.http.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An event of a message in words.
 *
 * @param time as it stands in the trace
 * @param what the event
 * @param details its values with their names
 */
public record StoryLine(String time, String what, List<String> details) {
    private static final Pattern VALUE = Pattern.compile("([a-z0-9-]+)=(\"[^\"]*\"|<[^>]*>(?:,<[^>]*>)*|\\S*)");

    private static final Map<String, String> EVENTS = Map.ofEntries(
            Map.entry("message-accepted", "Accepted"),
            Map.entry("message-discarded", "Discarded by a filter"),
            Map.entry("message-not-stored", "Not stored: the client was asked to try again"),
            Map.entry("delivered", "Delivered"),
            Map.entry("relayed", "Taken by the next server"),
            Map.entry("deferred", "Deferred: it is tried again"),
            Map.entry("refused", "Refused for good"),
            Map.entry("failed", "Failed for good"),
            Map.entry("expired", "Given up: too old"),
            Map.entry("bounced", "Returned to the sender"),
            Map.entry("mailbox-failed", "A mailbox could not be written"));

    private static final Map<String, String> NAMES =
            Map.of("mta", "server", "about", "about the message", "peer", "client", "reply", "its reply", "to", "for");

    /** Returns a line of the trace of a message in words. */
    public static StoryLine of(String line, String id) {
        int space = line.indexOf(' ');
        String time = space < 0 ? "" : line.substring(0, space);
        String what = "";
        List<String> details = new ArrayList<>();
        Matcher values = VALUE.matcher(space < 0 ? line : line.substring(space));
        while (values.find()) {
            String value = values.group(2).replace("\"", "");
            if (values.group(1).equals("event")) {
                what = EVENTS.getOrDefault(value, words(value));
            } else if (!(values.group(1).equals("id") && value.equals(id))) {
                details.add(NAMES.getOrDefault(values.group(1), values.group(1)) + " " + value);
            }
        }
        return new StoryLine(time, what.isEmpty() ? line : what, details);
    }

    private static String words(String event) {
        String text = event.replace('-', ' ');
        return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
