package org.mailserv.app.metrics;

import io.netty.buffer.PooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.mailserv.server.net.ConnectionLimits;
import org.mailserv.server.net.SessionRegistry;

/** The server in numbers, in Prometheus' text format. Any thread; from memory only. */
public final class Metrics {
    private final StringBuilder text = new StringBuilder(4096);

    private Metrics() {}

    /** The sources of the metrics. */
    public record Sources(
            EventCounter events,
            SessionRegistry sessions,
            ConnectionLimits limits,
            int queued,
            boolean writable,
            String version) {}

    public static String write(Sources sources) {
        Metrics metrics = new Metrics();
        metrics.head("mailserv_events_total", "counter", "Events of the log by name.");
        sources.events()
                .counts()
                .forEach((name, count) -> metrics.sample("mailserv_events_total", "event", name, count));
        Map<String, Long> kinds = new TreeMap<>();
        for (String kind : new String[] {"smtp", "submission", "lmtp", "pop3", "relay"}) {
            kinds.put(kind, 0L);
        }
        sources.sessions().views().forEach(view -> kinds.merge(view.kind(), 1L, Long::sum));
        metrics.head("mailserv_sessions", "gauge", "Open sessions by kind.");
        kinds.forEach((kind, count) -> metrics.sample("mailserv_sessions", "kind", kind, count));
        metrics.single(
                "mailserv_connections",
                "Connections from clients.",
                sources.limits().open());
        metrics.single("mailserv_queue_messages", "Messages in the queue.", sources.queued());
        metrics.single("mailserv_spool_writable", "1 while new mail is taken.", sources.writable() ? 1 : 0);
        Runtime runtime = Runtime.getRuntime();
        metrics.single("mailserv_heap_used_bytes", "Heap in use.", runtime.totalMemory() - runtime.freeMemory());
        metrics.single("mailserv_heap_max_bytes", "Largest heap.", runtime.maxMemory());
        metrics.single(
                "mailserv_direct_memory_bytes",
                "Buffers outside the heap.",
                PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory());
        metrics.single(
                "mailserv_uptime_seconds",
                "Since the start.",
                ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
        metrics.head("mailserv_build_info", "gauge", "The version.");
        metrics.sample("mailserv_build_info", "version", sources.version(), 1);
        return metrics.text.toString();
    }

    private void head(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void single(String name, String help, long value) {
        head(name, "gauge", help);
        text.append(name).append(' ').append(value).append('\n');
    }

    private void sample(String name, String label, String value, long count) {
        String safe = value.toLowerCase(Locale.ROOT).replaceAll("[\\\\\"\\n]", "_");
        text.append(name)
                .append('{')
                .append(label)
                .append("=\"")
                .append(safe)
                .append("\"} ")
                .append(count)
                .append('\n');
    }
}
