package org.mailserv.app.http.view;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.mailserv.app.api.TrafficHistory;

/**
 * A chart of counts over time, in the coordinates of its SVG.
 *
 * @param series its lines
 * @param rows labelled values of the vertical axis
 * @param columns labelled times of the horizontal axis, in the zone of the server
 */
public record Chart(String title, List<Series> series, List<Tick> rows, List<Tick> columns) {
    public static final int WIDTH = 640;
    public static final int HEIGHT = 220;
    public static final int LEFT = 44;
    public static final int RIGHT = WIDTH - 10;
    public static final int TOP = 12;
    public static final int BOTTOM = HEIGHT - 26;

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
    private static final long[] STEPS = {1, 2, 5};

    /**
     * A line.
     *
     * @param style class of the style sheet
     * @param points of an SVG polyline
     */
    public record Series(String name, String style, String total, String points) {}

    /** A label at a coordinate of its axis. */
    public record Tick(int at, String label) {}

    /** Returns the chart of counts that end now. */
    public static Chart ofTraffic(String title, List<TrafficHistory.Counts> counts, Duration step) {
        long most = 1;
        for (TrafficHistory.Counts each : counts) {
            most = Math.max(
                    most,
                    Math.max(Math.max(each.accepted(), each.delivered()), Math.max(each.deferred(), each.refused())));
        }
        long unit = unit(most);
        long top = (most + unit - 1) / unit * unit;
        List<Series> series = List.of(
                line("Accepted", "accepted", counts, TrafficHistory.Counts::accepted, top),
                line("Delivered", "delivered", counts, TrafficHistory.Counts::delivered, top),
                line("Deferred", "deferred", counts, TrafficHistory.Counts::deferred, top),
                line("Refused", "refused", counts, TrafficHistory.Counts::refused, top));
        return new Chart(title, series, rows(unit, top), columns(counts.size(), step));
    }

    private static Series line(
            String name,
            String style,
            List<TrafficHistory.Counts> counts,
            ToLongFunction<TrafficHistory.Counts> which,
            long top) {
        StringBuilder points = new StringBuilder();
        long total = 0;
        for (int i = 0; i < counts.size(); i++) {
            long value = which.applyAsLong(counts.get(i));
            total += value;
            points.append(i == 0 ? "" : " ")
                    .append(x(i + 0.5, counts.size()))
                    .append(',')
                    .append(y(value, top));
        }
        return new Series(name, style, String.valueOf(total), points.toString());
    }

    private static int x(double place, int size) {
        return (int) Math.round(LEFT + (RIGHT - LEFT) * place / Math.max(1, size));
    }

    private static int y(long value, long top) {
        return (int) (BOTTOM - (BOTTOM - TOP) * value / top);
    }

    /** Returns a round step for at most five rows. */
    private static long unit(long most) {
        for (long power = 1; ; power *= 10) {
            for (long step : STEPS) {
                if (step * power * 4 >= most) {
                    return step * power;
                }
            }
        }
    }

    private static List<Tick> rows(long unit, long top) {
        List<Tick> rows = new ArrayList<>();
        for (long value = 0; value <= top; value += unit) {
            rows.add(new Tick(y(value, top), String.valueOf(value)));
        }
        return rows;
    }

    /** Returns about six round times. */
    private static List<Tick> columns(int size, Duration step) {
        Duration length = step.multipliedBy(size);
        long minutes = length.toHours() >= 12 ? 240 : 10;
        ZonedDateTime end = Instant.now().atZone(ZoneId.systemDefault());
        ZonedDateTime start = end.minus(length);
        ZonedDateTime tick = end.truncatedTo(length.toHours() >= 12 ? ChronoUnit.DAYS : ChronoUnit.HOURS);
        while (tick.isAfter(start)) {
            tick = tick.minusHours(1);
        }
        List<Tick> columns = new ArrayList<>();
        for (; !tick.isAfter(end); tick = tick.plusMinutes(minutes)) {
            double place = (double) Duration.between(start, tick).toSeconds() / length.toSeconds();
            if (place > 0.03 && place < 0.98) {
                columns.add(new Tick(x(place, 1), CLOCK.format(tick)));
            }
        }
        return columns;
    }
}
