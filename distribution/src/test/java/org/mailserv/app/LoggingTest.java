package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoggingTest {
    @ParameterizedTest
    @ValueSource(strings = {Logging.PATTERN, Logging.JOURNAL})
    @DisplayName(
            "a log line is one line that no terminal obeys, whatever strangers said; letters of all languages stay")
    void oneLine(String pattern) {
        LoggerContext context = new LoggerContext();
        PatternLayout layout = new PatternLayout();
        layout.setContext(context);
        layout.setPattern(pattern);
        layout.start();
        LoggingEvent event = new LoggingEvent(
                LoggingTest.class.getName(),
                context.getLogger("org.mailserv.Test"),
                Level.INFO,
                "event=x helo={}",
                null,
                new Object[] {"a\r\nevent=forged\u001b[2J\0\u007f\u0085\u009b31m}'{ \u00fc \u6f22 \ud83d\ude00\tend"});
        assertThat(layout.doLayout(event))
                .endsWith(" event=x helo=a event=forged [2J 31m}'{ \u00fc \u6f22 \ud83d\ude00 end\n")
                .doesNotContain("\r")
                .containsOnlyOnce("\n");
    }
}
