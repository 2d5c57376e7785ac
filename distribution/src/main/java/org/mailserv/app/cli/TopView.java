package org.mailserv.app.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.mailserv.app.api.DestinationSummary;
import org.mailserv.app.api.ServerState;
import org.mailserv.app.api.SessionInfo;
import org.mailserv.app.api.TrafficHistory;
import org.mailserv.server.text.Durations;

/** The view of {@code mailserv top} as text. */
final class TopView {
    private static final int MAX_DESTINATIONS = 10;
    private static final Duration SOON = Duration.ofDays(14);

    private TopView() {}

    /** A view of the server at one moment. */
    record Snapshot(
            Instant time,
            ServerState state,
            TrafficHistory traffic,
            List<DestinationSummary> destinations,
            List<SessionInfo> sessions) {}

    /**
     * Returns the lines of a view.
     *
     * @param rows the number of lines that fit
     */
    static List<String> lines(Snapshot view, int rows) {
        List<String> lines = new ArrayList<>();
        ServerState state = view.state();
        lines.add(state.version() + " on " + state.host() + ", up "
                + Durations.text(age(state.since(), view.time())) + ", "
                + view.time().toString().substring(11, 19)
                + " UTC");
        lines.add("health    " + (state.trouble().isEmpty() ? "receives mail" : "NOT READY: " + state.trouble()));
        state.certificateWarnings().forEach(warning -> lines.add("          " + warning));
        certificates(state, view.time(), lines);
        if (!state.braked().isEmpty()) {
            lines.add("held      outgoing mail of " + String.join(", ", state.braked()));
        }
        lines.add("mail      " + rates(view));
        int held =
                view.destinations().stream().mapToInt(DestinationSummary::held).sum();
        lines.add("queue     " + count(state.queued(), "message") + ", "
                + count(view.destinations().size(), "destination") + (held == 0 ? "" : ", " + held + " on hold"));
        lines.add("sessions  " + count(view.sessions().size(), "session") + kinds(view.sessions()));
        if (!view.destinations().isEmpty()) {
            lines.add("");
            List<DestinationSummary> first =
                    view.destinations().stream().limit(MAX_DESTINATIONS).toList();
            lines.addAll(QueueSummaryCommand.lines(first, view.time()));
            int more = view.destinations().size() - first.size();
            if (more > 0) {
                lines.add("and " + more + " more (`mailserv queue summary`)");
            }
        }
        sessions(view, rows, lines);
        return lines.size() > rows ? lines.subList(0, rows) : lines;
    }

    private static void certificates(ServerState state, Instant now, List<String> lines) {
        for (ServerState.CertificateInfo each : state.certificates()) {
            if (each.notAfter().isBefore(now.plus(SOON))) {
                boolean over = each.notAfter().isBefore(now);
                lines.add("          certificate of " + String.join(", ", each.names())
                        + (over ? " has expired: " : " expires: ") + each.notAfter());
            }
        }
    }

    private static String rates(Snapshot view) {
        List<TrafficHistory.Counts> hour = view.traffic().hour();
        return "this minute: " + words(hour.subList(hour.size() - 1, hour.size())) + "; last hour: " + words(hour);
    }

    private static String words(List<TrafficHistory.Counts> counts) {
        return counts.stream().mapToLong(TrafficHistory.Counts::accepted).sum() + " received, "
                + counts.stream().mapToLong(TrafficHistory.Counts::delivered).sum() + " delivered, "
                + counts.stream().mapToLong(TrafficHistory.Counts::deferred).sum() + " deferred, "
                + counts.stream().mapToLong(TrafficHistory.Counts::refused).sum() + " refused";
    }

    private static String kinds(List<SessionInfo> sessions) {
        Map<String, Long> kinds = sessions.stream()
                .collect(Collectors.groupingBy(SessionInfo::kind, TreeMap::new, Collectors.counting()));
        return kinds.isEmpty()
                ? ""
                : kinds.entrySet().stream()
                        .map(kind -> kind.getValue() + " " + kind.getKey())
                        .collect(Collectors.joining(", ", " (", ")"));
    }

    /** Adds the longest sessions that fit. */
    private static void sessions(Snapshot view, int rows, List<String> lines) {
        if (view.sessions().isEmpty()) {
            return;
        }
        String format = "%-8s  %-24s  %-12s  %-10s  %10s  %10s  %s";
        lines.add("");
        lines.add(String.format(format, "KIND", "PEER", "STATE", "AGE", "IN", "OUT", "COMMAND"));
        view.sessions().stream()
                .limit(Math.max(0, (long) rows - lines.size()))
                .forEach(session -> lines.add(String.format(
                                Locale.ROOT,
                                format,
                                session.kind(),
                                session.peer(),
                                session.state(),
                                Durations.text(age(session.since(), view.time())),
                                session.octetsIn(),
                                session.octetsOut(),
                                session.command())
                        .stripTrailing()));
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    /** Returns the age of a moment, never negative. */
    private static Duration age(Instant then, Instant now) {
        return then.isBefore(now) ? Duration.between(then, now) : Duration.ZERO;
    }
}
