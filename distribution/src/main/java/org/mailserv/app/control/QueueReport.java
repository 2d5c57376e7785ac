package org.mailserv.app.control;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.relay.queue.QueueResult;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.text.Durations;

/** Messages of the queue as text for people, or as JSON, a line a message. */
public final class QueueReport {
    /** Begins a line of an answer that tells what could not be done. */
    public static final String PROBLEM = "problem: ";

    private QueueReport() {}

    /** Returns the answer to a command that looks: the messages, and a line for each id that was not found. */
    public static String write(List<QueueView> views, QueueRequest request) {
        StringBuilder text = new StringBuilder(write(views, request.json(), request.whole()));
        QueueResult.missing(request.filter(), views).forEach(line -> problem(text, line));
        return text.toString();
    }

    public static String write(List<QueueView> views, boolean json, boolean whole) {
        StringBuilder text = new StringBuilder();
        for (QueueView view : views) {
            if (json) {
                json(text, view, null);
            } else {
                people(text, view, whole);
            }
        }
        if (!json) {
            text.append(messages(views.size())).append('\n');
        }
        return text.toString();
    }

    /** Returns the answer to an order: the messages as they are now, the count, and what could not be done. */
    public static String write(QueueResult result, QueueOrder order, boolean json) {
        StringBuilder text = new StringBuilder();
        for (QueueResult.Change change : result.changes()) {
            if (json) {
                json(text, change.view(), change.recipients());
            } else {
                changed(text, change, order);
            }
        }
        if (!json) {
            text.append(summary(result, order)).append('\n');
        }
        result.problems().forEach(line -> problem(text, line));
        if (result.changes().isEmpty()
                && result.problems().isEmpty()
                && result.skipped() == 0
                && order.filter().namesSomething()) {
            problem(text, "no message in the queue matches (" + order.filter().describe() + ")");
        }
        return text.toString();
    }

    private static void problem(StringBuilder text, String line) {
        text.append(PROBLEM).append(line).append('\n');
    }

    private static void changed(StringBuilder text, QueueResult.Change change, QueueOrder order) {
        switch (order.action()) {
            case REMOVE, BOUNCE -> {
                QueueView view = change.view();
                head(text, view);
                change.recipients()
                        .forEach(address -> text.append("    <")
                                .append(address)
                                .append("> ")
                                .append(done(order))
                                .append('\n'));
                long left = view.recipients().stream()
                        .filter(one -> one.status().equals("pending"))
                        .filter(one -> !change.recipients().contains(one.address()))
                        .count();
                if (left > 0) {
                    text.append("    ").append(recipients(left)).append(left == 1 ? " stays\n" : " stay\n");
                }
            }
            case RETRY, HOLD, RELEASE -> people(text, change.view(), true);
        }
    }

    /** Returns the past participle of an action, as far as it is done. */
    private static String done(QueueOrder order) {
        String verb = switch (order.action()) {
            case RETRY -> "tried now";
            case HOLD -> "put on hold";
            case RELEASE -> "released";
            case REMOVE -> "removed";
            case BOUNCE -> "returned to the sender";
        };
        return order.dryRun() ? "would be " + verb : verb;
    }

    /** Returns the count in words: {@code 2 recipients of 1 message removed}. */
    public static String summary(QueueResult result, QueueOrder order) {
        String messages = messages(result.changes().size());
        String counted = switch (order.action()) {
            case REMOVE, BOUNCE -> recipients(result.recipients()) + " of " + messages;
            case RETRY, HOLD, RELEASE -> messages;
        };
        String left = result.skipped() == 0
                ? ""
                : "; " + messages(result.skipped())
                        + switch (order.action()) {
                            case RETRY -> " on hold left alone (`mailserv queue release` lets them go)";
                            case RELEASE -> " not on hold";
                            default -> " left alone";
                        };
        return (order.dryRun() ? "dry run: " : "") + counted + " " + done(order) + left;
    }

    private static String messages(long count) {
        return count + (count == 1 ? " message" : " messages");
    }

    private static String recipients(long count) {
        return count + (count == 1 ? " recipient" : " recipients");
    }

    private static void head(StringBuilder text, QueueView view) {
        text.append(String.format(
                Locale.ROOT,
                "%s  %-8s  %s  %8d  <%s>%n",
                view.id(),
                view.queue(),
                seconds(view.arrival()),
                view.octets(),
                view.sender()));
    }

    private static void people(StringBuilder text, QueueView view, boolean whole) {
        head(text, view);
        if (whole) {
            text.append("    from ")
                    .append(view.from() == null ? "this server" : view.from())
                    .append(view.account() == null ? "" : ", account " + view.account())
                    .append(", tries ")
                    .append(view.attempts())
                    .append(view.nextAttempt() == null ? "" : ", next " + when(view.nextAttempt()))
                    .append('\n');
        }
        Hold hold = view.hold();
        if (hold != null) {
            text.append("    held ").append(held(hold)).append('\n');
        }
        for (QueueView.RecipientView recipient : view.recipients()) {
            if (whole || recipient.status().equals("pending")) {
                recipient(text, recipient);
            }
        }
    }

    private static void recipient(StringBuilder text, QueueView.RecipientView recipient) {
        text.append("    <").append(recipient.address()).append("> ").append(recipient.status());
        if (recipient.reply() != null) {
            text.append(": ")
                    .append(recipient.mta() == null ? "" : recipient.mta() + " said ")
                    .append(recipient.reply());
        }
        text.append('\n');
        Instant next = recipient.nextTry();
        if (next != null) {
            text.append("        next try ").append(when(next));
            text.append(recipient.waiting() == null ? "" : ": " + recipient.waiting())
                    .append('\n');
        }
    }

    /** Returns the cause of a hold in words: {@code since 2026-11-27T08:00:00Z by operator ann: looks like spam}. */
    public static String held(Hold hold) {
        return (hold.since().equals(Instant.EPOCH) ? "" : "since " + seconds(hold.since()) + " ")
                + (hold.by() == Hold.By.UNKNOWN ? "" : "by ")
                + hold.reason();
    }

    /** Returns a time with its distance: {@code 2026-11-27T08:30:00Z (in 14 min)}, or {@code now}. */
    public static String when(Instant time) {
        Duration left = Duration.between(Instant.now(), time);
        return left.toMillis() < 1000 ? "now" : seconds(time) + " (in " + Durations.text(left) + ")";
    }

    private static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    private static @Nullable String timeOf(@Nullable Instant time) {
        return time == null ? null : seconds(time).toString();
    }

    private static void json(StringBuilder text, QueueView view, @Nullable List<String> changed) {
        text.append("{\"id\":").append(quoted(view.id()));
        text.append(",\"queue\":").append(quoted(view.queue()));
        text.append(",\"sender\":").append(quoted(view.sender()));
        text.append(",\"arrival\":").append(quoted(timeOf(view.arrival())));
        text.append(",\"octets\":").append(view.octets());
        text.append(",\"from\":").append(quoted(view.from()));
        text.append(",\"account\":").append(quoted(view.account()));
        text.append(",\"attempts\":").append(view.attempts());
        text.append(",\"next_attempt\":").append(quoted(timeOf(view.nextAttempt())));
        Hold hold = view.hold();
        if (hold == null) {
            text.append(",\"hold\":null");
        } else {
            text.append(",\"hold\":{\"by\":").append(quoted(hold.by().label()));
            text.append(",\"reason\":").append(quoted(hold.reason()));
            text.append(",\"since\":")
                    .append(quoted(hold.since().equals(Instant.EPOCH) ? null : timeOf(hold.since())))
                    .append('}');
        }
        text.append(",\"recipients\":[");
        String comma = "";
        for (QueueView.RecipientView recipient : view.recipients()) {
            text.append(comma).append("{\"address\":").append(quoted(recipient.address()));
            text.append(",\"status\":").append(quoted(recipient.status()));
            text.append(",\"mta\":").append(quoted(recipient.mta()));
            text.append(",\"reply\":").append(quoted(recipient.reply()));
            text.append(",\"next_try\":").append(quoted(timeOf(recipient.nextTry())));
            text.append(",\"waiting\":").append(quoted(recipient.waiting())).append('}');
            comma = ",";
        }
        text.append(']');
        if (changed != null) {
            text.append(",\"changed\":").append(strings(changed));
        }
        text.append("}\n");
    }

    /** Returns a JSON array of strings. */
    public static String strings(List<String> texts) {
        return "[" + String.join(",", texts.stream().map(QueueReport::quoted).toList()) + "]";
    }

    /** Returns a JSON string, or null. RFC 8259, 7. */
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
