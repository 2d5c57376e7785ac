package org.mailserv.server.check.milter;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.check.milter.MilterConfig.Messages;
import org.mailserv.server.check.milter.MilterConfig.OnFailure;

/**
 * All filters, and what holds for those that say nothing else.
 *
 * @see MilterConfig
 */
public record MilterSettings(
        List<Filter> filters,
        Messages messages,
        OnFailure onFailure,
        Duration connectTimeout,
        Duration commandTimeout,
        Duration endTimeout,
        int maxConnections,
        boolean reuse) {
    /** One filter. */
    public record Filter(
            String address,
            @Nullable Messages messages,
            @Nullable OnFailure onFailure) {}

    public MilterSettings {
        configs(filters, messages, onFailure, connectTimeout, commandTimeout, endTimeout, maxConnections, reuse);
    }

    /** Each filter with all that holds for it. */
    public List<MilterConfig> configs() {
        return configs(filters, messages, onFailure, connectTimeout, commandTimeout, endTimeout, maxConnections, reuse);
    }

    private static List<MilterConfig> configs(
            List<Filter> filters,
            Messages messages,
            OnFailure onFailure,
            Duration connectTimeout,
            Duration commandTimeout,
            Duration endTimeout,
            int maxConnections,
            boolean reuse) {
        return filters.stream()
                .map(filter -> new MilterConfig(
                        filter.address(),
                        filter.messages() == null ? messages : filter.messages(),
                        filter.onFailure() == null ? onFailure : filter.onFailure(),
                        connectTimeout,
                        commandTimeout,
                        endTimeout,
                        maxConnections,
                        reuse))
                .toList();
    }
}
