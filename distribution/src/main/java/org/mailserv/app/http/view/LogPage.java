package org.mailserv.app.http.view;

import java.util.List;

/**
 * The end of the log.
 *
 * @param lines newest first
 * @param text the text that lines contain
 * @param level the least level; empty for all
 */
public record LogPage(Layout layout, List<Line> lines, String text, String level) {
    public static final List<String> LEVELS = List.of("DEBUG", "INFO", "WARN", "ERROR");

    /** A line of the log. */
    public record Line(String time, String level, String text) {
        /** Returns the parts of a line as the API has it. */
        public static Line of(String line) {
            String[] parts = line.split(" ", 3);
            return parts.length == 3 ? new Line(parts[0], parts[1], parts[2]) : new Line("", "", line);
        }

        /** Returns whether the level is at least as serious as another. */
        public boolean isAtLeast(String least) {
            return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
        }

        public boolean isSerious() {
            return isAtLeast("WARN");
        }
    }
}
