package org.mailserv.app.metrics;

import io.netty.buffer.PooledByteBufAllocator;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.mailserv.server.net.SessionKind;
import org.mailserv.server.net.SessionRegistry;

/** The state of the server for Prometheus: sessions, queue, spool and memory, read when the metrics are collected. Never blocks. */
public final class ServerMetrics {
    private final PrometheusRegistry registry;

    private ServerMetrics(PrometheusRegistry registry) {
        this.registry = registry;
    }

    /**
     * The sources of the values. Any thread reads them.
     *
     * @param connections the number of connections from clients
     * @param queued the number of messages in the queue
     * @param writable whether new mail is accepted
     * @param certificateRefusals the number of times that changed certificate files could not be used
     */
    public record Sources(
            SessionRegistry sessions,
            IntSupplier connections,
            IntSupplier queued,
            BooleanSupplier writable,
            LongSupplier certificateRefusals,
            String version) {}

    /** Registers the metrics. */
    public static void register(PrometheusRegistry registry, Sources sources) {
        ServerMetrics metrics = new ServerMetrics(registry);
        metrics.sessions(sources.sessions());
        metrics.gauge(
                "mailserv_connections",
                "Connections from clients.",
                () -> sources.connections().getAsInt());
        metrics.gauge(
                "mailserv_queue_messages",
                "Messages in the queue.",
                () -> sources.queued().getAsInt());
        metrics.gauge(
                "mailserv_spool_writable",
                "1 while new mail is accepted.",
                () -> sources.writable().getAsBoolean() ? 1 : 0);
        CounterWithCallback.builder()
                .name("mailserv_certificate_refusals_total")
                .help("Changed certificate files that could not be used.")
                .callback(value -> value.call(sources.certificateRefusals().getAsLong()))
                .register(registry);
        metrics.memory();
        metrics.gauge(
                "mailserv_uptime_seconds",
                "Time since the start.",
                () -> ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0);
        Info.builder()
                .name("mailserv_build_info")
                .help("The version of the server.")
                .labelNames("version")
                .register(registry)
                .setLabelValues(sources.version());
    }

    private void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(gauge -> gauge.call(value.getAsDouble()))
                .register(registry);
    }

    private void sessions(SessionRegistry sessions) {
        GaugeWithCallback.builder()
                .name("mailserv_sessions")
                .help("Open sessions by kind.")
                .labelNames("kind")
                .callback(gauge -> {
                    Map<SessionKind, Integer> kinds = new EnumMap<>(SessionKind.class);
                    sessions.views().forEach(view -> kinds.merge(view.kind(), 1, Integer::sum));
                    for (SessionKind kind : SessionKind.values()) {
                        gauge.call(kinds.getOrDefault(kind, 0), kind.label());
                    }
                })
                .register(registry);
    }

    private void memory() {
        Runtime runtime = Runtime.getRuntime();
        gauge("mailserv_heap_used_bytes", "Heap in use.", () -> runtime.totalMemory() - runtime.freeMemory());
        gauge("mailserv_heap_max_bytes", "Maximum size of the heap.", runtime::maxMemory);
        gauge(
                "mailserv_direct_memory_bytes",
                "Buffers outside the heap.",
                PooledByteBufAllocator.DEFAULT.metric()::usedDirectMemory);
    }
}
