package org.mailserv.app.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Settings of the command line, which override the file. Each has a key there that documents it. */
public final class ServerOptions {
    @Option(names = "--smtp-port", paramLabel = "PORT", description = "Port of the smtp listeners.")
    @Nullable
    Integer smtpPort;

    @Option(names = "--pop3-port", paramLabel = "PORT", description = "Port of the pop3 listeners.")
    @Nullable
    Integer pop3Port;

    @Option(names = "--bind-address", paramLabel = "ADDRESS", description = "Address of all listeners.")
    @Nullable
    String bindAddress;

    @Option(names = "--mail-root", paramLabel = "DIR", description = "domains-dir: the mailboxes.")
    @Nullable
    String mailRoot;

    @Option(
            names = "--queue-root",
            paramLabel = "DIR",
            description = "data-dir: the spool, and the mailboxes without --mail-root.")
    @Nullable
    String queueRoot;

    @Option(names = "--user", paramLabel = "USER", description = "User to switch to after the ports are bound.")
    @Nullable
    String user;

    @Option(names = "--group", paramLabel = "GROUP", description = "Group to switch to.")
    @Nullable
    String group;

    @Option(names = "--log-file", paramLabel = "FILE", description = "log.file: log file, in addition to the console.")
    @Nullable
    String logFile;

    @Option(
            names = "--relay-networks",
            paramLabel = "NET",
            split = ",",
            description = "Clients that may relay mail to other domains.")
    List<String> relayNetworks = new ArrayList<>();

    @Option(names = "--max-workers", paramLabel = "N", description = "net.threads: number of I/O threads.")
    @Nullable
    Integer maxWorkers;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "relay.max-connections: maximum number of outgoing connections.")
    @Nullable
    Integer maxConnections;

    @Option(
            names = "--retry-time",
            paramLabel = "TIME",
            description = "relay.retry.lifetime: time after which mail is returned, such as 5d.")
    @Nullable
    String retryTime;

    @Option(names = "--retry-interval", paramLabel = "TIME", description = "Time between attempts, such as 15m.")
    @Nullable
    String retryInterval;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Any other setting of the file.")
    Map<String, String> settings = new LinkedHashMap<>();

    private @Nullable ServerOptions weaker;

    /** Returns these options, with others for what these leave open. */
    public ServerOptions over(ServerOptions others) {
        weaker = others;
        return this;
    }

    /** Returns a configuration with these settings in place of its own. */
    Config over(Config configured) {
        Config file = weaker == null ? configured : weaker.over(configured);
        Map<String, Object> values = new LinkedHashMap<>();
        put(values, "domains-dir", mailRoot);
        put(values, "data-dir", queueRoot);
        put(values, "user", user);
        put(values, "group", group);
        put(values, "log.file", logFile);
        put(values, "relay-networks", relayNetworks.isEmpty() ? null : relayNetworks);
        put(values, "net.threads", maxWorkers);
        put(values, "relay.max-connections", maxConnections);
        put(values, "relay.retry.lifetime", retryTime);
        put(values, "relay.retry.schedule", retryInterval == null ? null : List.of(retryInterval));
        Config own = ConfigFactory.parseMap(values, "command line");
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            // Parsed as in the file, so that numbers, lists and groups work.
            own = ConfigFactory.parseString(
                            setting.getKey() + " = " + setting.getValue(),
                            ConfigParseOptions.defaults()
                                    .setOriginDescription("command line --set " + setting.getKey()))
                    .withFallback(own);
        }
        Config all = own.withFallback(file);
        return smtpPort == null && pop3Port == null && bindAddress == null ? all : listeners(all);
    }

    private static void put(Map<String, Object> values, String key, @Nullable Object value) {
        if (value != null) {
            values.put(key, value);
        }
    }

    private Config listeners(Config all) {
        List<Config> changed = new ArrayList<>();
        Config withDefaults = all.withFallback(ReferenceConfig.get()).resolve();
        for (Config listener : withDefaults.getConfigList("listeners")) {
            String kind = listener.getString("kind");
            Config now = listener;
            Integer port = kind.equals("smtp") ? smtpPort : kind.equals("pop3") ? pop3Port : null;
            if (port != null) {
                now = now.withValue("port", ConfigValueFactory.fromAnyRef(port, "command line"));
            }
            if (bindAddress != null) {
                now = now.withValue("address", ConfigValueFactory.fromAnyRef(bindAddress, "command line"));
            }
            changed.add(now);
        }
        List<Object> list = new ArrayList<>();
        changed.forEach(listener -> list.add(listener.root().unwrapped()));
        return all.withValue("listeners", ConfigValueFactory.fromIterable(list, "command line"));
    }

    @Override
    public String toString() {
        return over(ConfigFactory.empty()).root().render(ConfigRenderOptions.concise());
    }
}
