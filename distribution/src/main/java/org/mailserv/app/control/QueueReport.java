package org.mailserv.app.control;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.QueueView;

/** Messages of the queue as text for people, or as JSON, a line a message. */
public final class QueueReport {
    private QueueReport() {}

    public static String write(List<QueueView> views, boolean json, boolean whole) {
        StringBuilder text = new StringBuilder();
        for (QueueView view : views) {
            if (json) {
                json(text, view);
            } else {
                people(text, view, whole);
            }
        }
        if (!json) {
            text.append(views.size()).append(views.size() == 1 ? " message\n" : " messages\n");
        }
        return text.toString();
    }

    private static void people(StringBuilder text, QueueView view, boolean whole) {
        text.append(String.format(
                "%s  %-8s  %s  %8d  <%s>%n",
                view.id(), view.queue(), seconds(view.arrival()), view.octets(), view.sender()));
        if (whole) {
            text.append("    from ")
                    .append(view.from() == null ? "this server" : view.from())
                    .append(view.account() == null ? "" : ", account " + view.account())
                    .append(", tries ")
                    .append(view.attempts())
                    .append(", next ")
                    .append(seconds(view.nextAttempt()))
                    .append('\n');
        }
        for (QueueView.RecipientView recipient : view.recipients()) {
            if (whole || recipient.status().equals("pending")) {
                text.append("    <").append(recipient.address()).append("> ").append(recipient.status());
                if (recipient.reply() != null) {
                    text.append(": ")
                            .append(recipient.mta() == null ? "" : recipient.mta() + " said ")
                            .append(recipient.reply());
                }
                text.append('\n');
            }
        }
    }

    private static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    private static void json(StringBuilder text, QueueView view) {
        text.append("{\"id\":").append(quoted(view.id()));
        text.append(",\"queue\":").append(quoted(view.queue()));
        text.append(",\"sender\":").append(quoted(view.sender()));
        text.append(",\"arrival\":").append(quoted(seconds(view.arrival()).toString()));
        text.append(",\"octets\":").append(view.octets());
        text.append(",\"from\":").append(quoted(view.from()));
        text.append(",\"account\":").append(quoted(view.account()));
        text.append(",\"attempts\":").append(view.attempts());
        text.append(",\"next_attempt\":")
                .append(quoted(seconds(view.nextAttempt()).toString()));
        text.append(",\"recipients\":[");
        String comma = "";
        for (QueueView.RecipientView recipient : view.recipients()) {
            text.append(comma)
                    .append("{\"address\":")
                    .append(quoted(recipient.address()))
                    .append(",\"status\":")
                    .append(quoted(recipient.status()))
                    .append(",\"mta\":")
                    .append(quoted(recipient.mta()))
                    .append(",\"reply\":")
                    .append(quoted(recipient.reply()))
                    .append('}');
            comma = ",";
        }
        text.append("]}\n");
    }

    /** A JSON string, or null. RFC 8259, 7. */
    public static String quoted(@Nullable String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
