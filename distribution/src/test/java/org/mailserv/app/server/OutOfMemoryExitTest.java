package org.mailserv.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutOfMemoryExitTest {
    private final List<Integer> codes = new ArrayList<>();
    private final OutOfMemoryExit exit = new OutOfMemoryExit(codes::add);

    private void log(Level level, @Nullable Throwable thrown, Object... arguments) {
        LoggerContext context = new LoggerContext();
        exit.append(new LoggingEvent("x", context.getLogger("x"), level, "event=x reason={}", thrown, arguments));
    }

    @Test
    void an_error_that_is_logged_ends_the_process() {
        log(Level.ERROR, new CompletionException(new OutOfMemoryError("Java heap space")));
        log(Level.WARN, null, new OutOfMemoryError("Java heap space"));
        assertThat(codes).containsExactly(3, 3);
    }

    @Test
    void what_a_client_says_does_not() {
        log(Level.INFO, null, "java.lang.OutOfMemoryError: says the client");
        log(Level.WARN, null, "java.lang.OutOfMemoryError: Java heap space");
        log(Level.ERROR, new IllegalStateException("java.lang.OutOfMemoryError"));
        assertThat(codes).isEmpty();
    }
}
