package org.mailserv.app.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.DestinationSummary;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.text.Durations;
import picocli.CommandLine.Command;

/** {@code mailserv queue summary}: the queue by destination. */
@Command(
        name = "summary",
        description = {
            "Shows the queue by destination: messages, recipients, messages on hold, age of the oldest message, next"
                    + " try and last error.",
            "The destinations with the most messages come first."
        },
        mixinStandardHelpOptions = true)
final class QueueSummaryCommand extends QueueCommand.Verb {
    private static final int MAX_NAME = 40;

    @Override
    public Integer call() throws ConfigurationException, StartupException, ApiException {
        List<DestinationSummary> all = queue.destinations(query());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            all.forEach(each -> out.println(Json.write(each)));
        } else {
            lines(all, Instant.now()).forEach(out::println);
            int recipients =
                    all.stream().mapToInt(DestinationSummary::recipients).sum();
            out.println(
                    all.isEmpty()
                            ? "No mail is queued."
                            : count(all.size(), "destination") + ", " + count(recipients, "recipient"));
        }
        out.flush();
        return 0;
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    /** Returns a table, which is empty if there are no destinations. */
    static List<String> lines(List<DestinationSummary> all, Instant now) {
        int width = all.stream()
                .mapToInt(each -> each.destination().length())
                .map(length -> Math.min(length, MAX_NAME))
                .max()
                .orElse(0);
        String format = "%-" + Math.max(width, "destination".length()) + "s  %8s  %10s  %4s  %-10s  %-12s  %s";
        List<String> lines = new ArrayList<>();
        if (!all.isEmpty()) {
            lines.add(String.format(
                    format, "DESTINATION", "MESSAGES", "RECIPIENTS", "HELD", "OLDEST", "NEXT TRY", "LAST ERROR"));
        }
        for (DestinationSummary each : all) {
            lines.add(String.format(
                            Locale.ROOT,
                            format,
                            each.destination(),
                            each.messages(),
                            each.recipients(),
                            each.held(),
                            Durations.text(Duration.between(each.oldest(), now)),
                            next(each.nextTry(), now),
                            each.lastError() == null ? "" : each.lastError())
                    .stripTrailing());
        }
        return lines;
    }

    private static String next(@Nullable Instant time, Instant now) {
        if (time == null) {
            return "on hold";
        }
        Duration left = Duration.between(now, time);
        return left.toMillis() < 1000 ? "now" : "in " + Durations.text(left);
    }
}
