package org.mailserv.server.check.milter;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.check.milter.MilterConfig.Messages;
import org.mailserv.server.check.milter.MilterConfig.OnFailure;

/**
 * All filters, and the defaults for their settings.
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
    /** The settings of one filter; null means the default. */
    public record Filter(
            String address,
            @Nullable Messages messages,
            @Nullable OnFailure onFailure) {}

    public MilterSettings {
        configs(filters, messages, onFailure, connectTimeout, commandTimeout, endTimeout, maxConnections, reuse);
    }

    /** Returns the filters with the defaults filled in. */
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
