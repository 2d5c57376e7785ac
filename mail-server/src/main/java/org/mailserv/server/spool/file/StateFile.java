package org.mailserv.server.spool.file;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.text.Failures;

/** The text form of a message's state, the same in {@code ID.state} and in the journal: {@code Name: value} lines with CRLF. */
public final class StateFile {
    private StateFile() {}

    /** Returns the state as text. */
    public static byte[] write(MessageState state) {
        StringBuilder text = new StringBuilder(256);
        line(text, "Attempts", Integer.toString(state.attempts()));
        line(text, "Next-Attempt", state.nextAttempt().toString());
        Hold hold = state.hold();
        if (hold != null) {
            line(text, "Held", hold.by().label());
            line(text, "Held-Since", hold.since().toString());
            line(text, "Held-Reason", hold.reason());
        }
        if (state.delayWarned()) {
            line(text, "Delay-Warned", "yes");
        }
        for (int i = 0; i < state.recipients().size(); i++) {
            RecipientState recipient = state.recipients().get(i);
            line(text, "Status-" + (i + 1), recipient.status().name());
            line(text, "Mta-" + (i + 1), recipient.lastMta());
            line(text, "Reply-" + (i + 1), recipient.lastReply());
            if (recipient.uncertainLosses() > 0) {
                line(text, "Uncertain-Losses-" + (i + 1), Integer.toString(recipient.uncertainLosses()));
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void line(StringBuilder text, String name, @Nullable String value) {
        if (value != null) {
            // Replies come from other servers and must not create lines of their own.
            text.append(name)
                    .append(": ")
                    .append(value.replace('\r', ' ').replace('\n', ' ').replace('\0', ' '))
                    .append("\r\n");
        }
    }

    /** Reads a hold, with the facts of a state or of a queue file. An older version wrote no cause. */
    static @Nullable Hold hold(Map<String, String> values) {
        String by = values.get("held");
        return by == null
                ? null
                : new Hold(
                        Hold.By.of(by),
                        values.getOrDefault("held-reason", "reason not recorded"),
                        Instant.parse(values.getOrDefault("held-since", Instant.EPOCH.toString())));
    }

    /**
     * Parses a state.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static MessageState read(byte[] octets) {
        Map<String, String> values = new HashMap<>();
        for (String line : new String(octets, StandardCharsets.UTF_8).split("\r?\n")) {
            int colon = line.indexOf(": ");
            if (colon > 0) {
                values.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2));
            }
        }
        List<RecipientState> recipients = new ArrayList<>();
        for (int number = 1; ; number++) {
            String status = values.get("status-" + number);
            if (status == null) {
                break;
            }
            recipients.add(new RecipientState(
                    RecipientState.Status.valueOf(status),
                    values.get("mta-" + number),
                    values.get("reply-" + number),
                    Integer.parseInt(values.getOrDefault("uncertain-losses-" + number, "0"))));
        }
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("state: no recipient (expected: at least one)");
        }
        try {
            return new MessageState(
                    recipients,
                    Integer.parseInt(values.getOrDefault("attempts", "0")),
                    Instant.parse(values.getOrDefault("next-attempt", Instant.EPOCH.toString())),
                    hold(values),
                    values.containsKey("delay-warned"));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("state: " + Failures.text(e), e);
        }
    }
}
