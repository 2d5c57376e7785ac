package org.mailserv.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of events that are patterns. */
class EventCounterTest {
    @ParameterizedTest
    @CsvSource({
        "event=queue-{} id={}, hold, queue-hold",
        "event={} id={}, delayed-notice, delayed-notice",
        "event=queue-{}, Bad Name, other",
        "event={}-notice, x\"y, other",
        "event=plain id={}, 42, plain",
    })
    void aPatternIsFilledAndNeverALabel(String pattern, String argument, String expected) {
        EventCounter counter = new EventCounter();
        Logger logger = new LoggerContext().getLogger("test");

        counter.append(new LoggingEvent("", logger, Level.INFO, pattern, null, new Object[] {argument, "id"}));

        assertThat(counter.counts()).containsOnlyKeys(expected).containsValue(1L);
    }
}
