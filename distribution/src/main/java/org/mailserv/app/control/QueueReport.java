package org.mailserv.app.control;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.server.text.Durations;

/**
 * Messages of the queue as text for people, or as JSON with one message per line.
 *
 * @param lines the text, without line ends
 * @param problems one line for each thing that could not be done or found
 */
public record QueueReport(List<String> lines, List<String> problems) {
    /**
     * Returns the report of a command that only looks.
     *
     * @param whole whether all details are wanted
     * @param missing one line for each message that was not found
     */
    public static QueueReport of(List<QueueMessage> messages, boolean json, boolean whole, List<String> missing) {
        List<String> lines = new ArrayList<>();
        for (QueueMessage message : messages) {
            if (json) {
                lines.add(Json.write(message));
            } else {
                people(lines, message, whole);
            }
        }
        if (!json) {
            lines.add(messages(messages.size()));
        }
        return new QueueReport(lines, missing);
    }

    /**
     * Returns the report of a change: the messages as they are now, the count, and what could not be done.
     *
     * @param selection the selection in words, or null if nothing was named
     */
    public static QueueReport of(QueueChanged result, QueueChange change, @Nullable String selection, boolean json) {
        List<String> lines = new ArrayList<>();
        for (QueueChanged.ChangedMessage each : result.messages()) {
            if (json) {
                JsonObject line = Json.tree(each.message()).getAsJsonObject();
                line.add("changed", Json.tree(each.changed()));
                lines.add(Json.write(line));
            } else {
                changed(lines, each, change);
            }
        }
        if (!json) {
            lines.add(summary(result, change));
        }
        List<String> problems = new ArrayList<>(result.problems());
        if (result.changed() == 0 && problems.isEmpty() && result.skipped() == 0 && selection != null) {
            problems.add("no message in the queue matches (" + selection + ")");
        }
        return new QueueReport(lines, problems);
    }

    private static void changed(List<String> lines, QueueChanged.ChangedMessage each, QueueChange change) {
        if (!change.isFinal()) {
            people(lines, each.message(), true);
            return;
        }
        lines.add(head(each.message()));
        each.changed().forEach(address -> lines.add("    <" + address + "> " + done(change)));
        long left = each.message().recipients().stream()
                .filter(QueueMessage.RecipientInfo::isPending)
                .filter(one -> !each.changed().contains(one.address()))
                .count();
        if (left > 0) {
            lines.add("    " + recipients(left) + (left == 1 ? " stays" : " stay"));
        }
    }

    private static QueueAdmin.Action action(QueueChange change) {
        return Objects.requireNonNull(change.action());
    }

    /** Returns the past participle of an action, as far as it is done. */
    private static String done(QueueChange change) {
        String verb = switch (action(change)) {
            case RETRY -> "tried now";
            case HOLD -> "put on hold";
            case RELEASE -> "released";
            case REMOVE -> "removed";
            case BOUNCE -> "returned to the sender";
        };
        return change.isDryRun() ? "would be " + verb : verb;
    }

    /** Returns the count in words: {@code 2 recipients of 1 message removed}. */
    public static String summary(QueueChanged result, QueueChange change) {
        String messages = messages(result.changed());
        String counted = change.isFinal() ? recipients(result.recipients()) + " of " + messages : messages;
        String left = result.skipped() == 0
                ? ""
                : "; " + messages(result.skipped())
                        + switch (action(change)) {
                            case RETRY -> " on hold left alone (`mailserv queue release` lets them go)";
                            case RELEASE -> " not on hold";
                            default -> " left alone";
                        };
        return (change.isDryRun() ? "dry run: " : "") + counted + " " + done(change) + left;
    }

    private static String messages(long count) {
        return count + (count == 1 ? " message" : " messages");
    }

    private static String recipients(long count) {
        return count + (count == 1 ? " recipient" : " recipients");
    }

    private static String head(QueueMessage message) {
        return String.format(
                Locale.ROOT,
                "%s  %-8s  %s  %8d  <%s>",
                message.id(),
                message.queue().label(),
                seconds(message.arrival()),
                message.octets(),
                message.sender());
    }

    private static void people(List<String> lines, QueueMessage message, boolean whole) {
        lines.add(head(message));
        if (whole) {
            lines.add("    from " + (message.from() == null ? "this server" : message.from())
                    + (message.node() == null ? "" : ", with " + message.node())
                    + (message.account() == null ? "" : ", account " + message.account())
                    + ", tries " + message.attempts()
                    + (message.nextAttempt() == null ? "" : ", next " + when(message.nextAttempt())));
        }
        QueueMessage.HoldInfo hold = message.hold();
        if (hold != null) {
            lines.add("    held " + held(hold));
        }
        for (QueueMessage.RecipientInfo recipient : message.recipients()) {
            if (whole || recipient.isPending()) {
                recipient(lines, recipient);
            }
        }
    }

    private static void recipient(List<String> lines, QueueMessage.RecipientInfo recipient) {
        String said = recipient.reply() == null
                ? ""
                : ": " + (recipient.mta() == null ? "" : recipient.mta() + " said ") + recipient.reply();
        lines.add("    <" + recipient.address() + "> " + recipient.status().label() + said);
        Instant next = recipient.nextTry();
        if (next != null) {
            lines.add(
                    "        next try " + when(next) + (recipient.waiting() == null ? "" : ": " + recipient.waiting()));
        }
    }

    /** Returns the cause of a hold in words: {@code since 2026-11-27T08:00:00Z by operator ann: looks like spam}. */
    public static String held(QueueMessage.HoldInfo hold) {
        return (hold.since() == null ? "" : "since " + seconds(hold.since()) + " ")
                + (hold.isKnown() ? "by " : "")
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
}
