package org.mailserv.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LogLineTest {
    private static LoggingEvent event(String level, Throwable thrown, Object... arguments) {
        LoggerContext context = new LoggerContext();
        LoggingEvent event = new LoggingEvent(
                LogLineTest.class.getName(),
                context.getLogger("org.mailserv.Test"),
                Level.toLevel(level),
                "event=x helo={}",
                thrown,
                arguments);
        event.setTimeStamp(Instant.parse("2026-11-21T10:00:00.007Z").toEpochMilli());
        return event;
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName(
            "a log line is one line that no terminal obeys, whatever strangers said; letters of all languages stay")
    void oneLine(LogLine.Form form) {
        String said = "a\r\nevent=forged\u001b[2J\0\u007f\u0085\u009b31m}'{ \u00fc \u6f22 \ud83d\ude00\tend";
        assertThat(new LogLine(form).doLayout(event("INFO", null, said)))
                .endsWith(" event=x helo=a event=forged [2J 31m}'{ \u00fc \u6f22 \ud83d\ude00 end\n")
                .doesNotContain("\r")
                .containsOnlyOnce("\n");
    }

    @ParameterizedTest
    @CsvSource({"INFO,INFO ,6", "WARN,WARN ,4", "ERROR,ERROR,3", "DEBUG,DEBUG,7"})
    @DisplayName("a line begins with time, level and who says it, for the journal with the level alone")
    void begins(String level, String padded, String priority) {
        LogLine line = new LogLine(LogLine.Form.TEXT);
        String text = line.doLayout(event(level, null, "y"));
        assertThat(text).endsWith(" " + (padded + "     ").substring(0, 5) + " Test event=x helo=y\n");
        assertThat(OffsetDateTime.parse(text.substring(0, text.indexOf(' '))).toInstant())
                .isEqualTo(Instant.parse("2026-11-21T10:00:00.007Z"));
        assertThat(line.doLayout(event(level, null, "y"))).isEqualTo(text);
        assertThat(new LogLine(LogLine.Form.JOURNAL).doLayout(event(level, null, "y")))
                .isEqualTo("<" + priority + ">Test event=x helo=y\n");
    }

    @Test
    @DisplayName("what was thrown follows")
    void thrown() {
        assertThat(new LogLine(LogLine.Form.TEXT).doLayout(event("ERROR", new IllegalStateException("why"), "y")))
                .contains("helo=y\njava.lang.IllegalStateException: why\n")
                .contains("at org.mailserv.app.log.LogLineTest");
    }
}
