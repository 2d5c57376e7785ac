package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.internal.core.config.typesafe.DefaultDriverConfigLoader;
import com.datastax.oss.driver.internal.core.session.throttling.ConcurrencyLimitingRequestThrottler;
import com.datastax.oss.driver.internal.core.specex.ConstantSpeculativeExecutionPolicy;
import com.datastax.oss.driver.internal.core.time.ServerSideTimestampGenerator;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mailserv.server.cluster.engine.EngineConfig;

/** The driver's configuration. Nothing of it is read from files of the operator: all that is to be set is in {@link EngineConfig}. */
final class DriverSettings {
    /** The execution profile of conditional writes, which the driver must not repeat. */
    static final String CONDITIONAL = "conditional";

    /** Time for a change of the schema, which goes to all engine nodes. */
    static final Duration SCHEMA_TIMEOUT = Duration.ofSeconds(60);

    private static final String ROOT = "datastax-java-driver";

    private DriverSettings() {}

    static DriverConfigLoader of(EngineConfig config) {
        ClassLoader loader = DriverSettings.class.getClassLoader();
        // Several libraries call their defaults reference.conf; only the driver's part is looked at.
        Config defaults = ConfigFactory.parseResources(loader, "reference.conf").withOnlyPath(ROOT);
        Config settings = ConfigFactory.parseMap(Map.of(ROOT, settings(config)), "mailserv")
                .withFallback(defaults)
                .resolve()
                .getConfig(ROOT);
        return new DefaultDriverConfigLoader(() -> settings, false);
    }

    private static Map<String, Object> settings(EngineConfig config) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("basic.request.consistency", "LOCAL_QUORUM");
        settings.put("basic.request.serial-consistency", "LOCAL_SERIAL");
        settings.put("basic.request.timeout", config.requestTimeout());
        settings.put("basic.load-balancing-policy.local-datacenter", config.datacenter());
        // Timestamps that are not ours are the engine's.
        settings.put("advanced.timestamp-generator.class", ServerSideTimestampGenerator.class.getName());
        settings.put("advanced.request-tracker.classes", List.of());
        settings.put("advanced.resolve-contact-points", false);
        // A coordinator that hangs is given up after three seconds; until then others are asked beside it. That is less
        // than the time in which
        // a server that cannot beat is declared dead.
        settings.put("advanced.heartbeat.interval", Duration.ofMillis(1500));
        settings.put("advanced.heartbeat.timeout", Duration.ofMillis(1500));
        settings.put("advanced.speculative-execution-policy.class", ConstantSpeculativeExecutionPolicy.class.getName());
        settings.put("advanced.speculative-execution-policy.max-executions", 2);
        settings.put("advanced.speculative-execution-policy.delay", Duration.ofMillis(500));
        settings.put("advanced.reconnection-policy.base-delay", Duration.ofSeconds(1));
        settings.put("advanced.reconnection-policy.max-delay", Duration.ofSeconds(10));
        settings.put("advanced.throttler.class", ConcurrencyLimitingRequestThrottler.class.getName());
        settings.put("advanced.throttler.max-concurrent-requests", config.maxRequests());
        settings.put("advanced.throttler.max-queue-size", config.maxWaiting());
        settings.put("advanced.connection.init-query-timeout", Duration.ofSeconds(5));
        settings.put("advanced.connection.max-requests-per-connection", Math.min(config.maxRequests(), 32_768));
        settings.put("advanced.control-connection.timeout", Duration.ofSeconds(5));
        settings.put("advanced.control-connection.schema-agreement.timeout", Duration.ofSeconds(30));
        settings.put("advanced.metadata.schema.refreshed-keyspaces", List.of(config.keyspace()));
        settings.put("advanced.metadata.schema.request-timeout", Duration.ofSeconds(10));
        settings.put("advanced.metadata.schema.debouncer.window", Duration.ofMillis(50));
        settings.put("advanced.netty.io-group.size", 2);
        settings.put("advanced.netty.admin-group.size", 1);
        settings.put("advanced.netty.daemon", true);
        settings.put("profiles." + CONDITIONAL + ".basic.request.timeout", config.conditionalTimeout());
        settings.put("profiles." + CONDITIONAL + ".advanced.retry-policy.class", NeverRetry.class.getName());
        return settings;
    }
}
