package org.mailserv.app.control;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.log.EventLog;
import org.mailserv.app.log.MessageTrace;
import org.mailserv.server.event.MailEvents;

/** Events of an order that is carried out while the server is down. They go to the log and to the message trace, as in a running server. */
final class OfflineEvents implements Closeable {
    private final @Nullable MessageTrace trace;
    private final MailEvents events;

    private OfflineEvents(@Nullable MessageTrace trace) {
        this.trace = trace;
        this.events = new EventLog(trace);
    }

    /**
     * Opens the message trace, if one is kept. Blocks.
     *
     * @param dryRun whether nothing is changed, so that nothing needs to be traced
     */
    static OfflineEvents open(MailservConfig config, boolean dryRun) throws IOException {
        return new OfflineEvents(
                dryRun || !config.history().enabled()
                        ? null
                        : new MessageTrace(config.dataDir().toAbsolutePath().resolve("history"), config.history()));
    }

    MailEvents events() {
        return events;
    }

    @Override
    public void close() {
        if (trace != null) {
            trace.close();
        }
    }
}
