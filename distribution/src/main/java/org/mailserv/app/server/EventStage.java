package org.mailserv.app.server;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.log.EventLog;
import org.mailserv.app.log.MessageTrace;
import org.mailserv.app.metrics.MailMetrics;
import org.mailserv.app.metrics.Traffic;
import org.mailserv.app.metrics.TrafficFile;
import org.mailserv.server.event.BroadcastEvents;
import org.mailserv.server.event.MailEvents;

/** The events of mail and their listeners: the log, the message trace, the counts of traffic, and the metrics if they are enabled. */
final class EventStage {
    private final MailEvents events;
    private final Optional<PrometheusRegistry> registry;
    private final Traffic traffic = new Traffic();

    /** Opens the message trace. Blocks. */
    EventStage(MailservConfig config, DataFolder folder, OpenResources resources) throws IOException {
        registry = config.http().enabled() ? Optional.of(new PrometheusRegistry()) : Optional.empty();
        MessageTrace trace = config.history().enabled()
                ? resources.add(new MessageTrace(folder.path().resolve("history"), config.history()))
                : null;
        List<MailEvents> listeners = new ArrayList<>();
        listeners.add(new EventLog(trace));
        registry.ifPresent(metrics -> listeners.add(new MailMetrics(metrics)));
        listeners.add(traffic);
        resources.add(new TrafficFile(traffic, folder.path().resolve("traffic")));
        events = new BroadcastEvents(listeners);
    }

    MailEvents events() {
        return events;
    }

    /** Returns the registry of the metrics if the HTTP endpoint is enabled. */
    Optional<PrometheusRegistry> registry() {
        return registry;
    }

    /** Returns the traffic counts. */
    Traffic traffic() {
        return traffic;
    }
}
