package org.mailserv.app.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.text.Failures;

/**
 * Settings from the environment, which override the file. The variable of a key is {@code MAILSERV_} and the key in capitals, with underscores
 * for dots and hyphens. With the suffix {@code _FILE} it names a file that contains the value, for secrets. Empty variables and service links of
 * Kubernetes are ignored. Lists and groups are written as in the file; a list of plain values may also be separated by commas.
 */
public final class EnvironmentSettings {
    private static final String PREFIX = "MAILSERV_";
    private static final String IN_FILE = "_FILE";
    // Names that predate the rule, or are shorter.
    private static final Map<String, String> SHORT = Map.of(
            "MAILSERV_HTTP", "http.enabled",
            "MAILSERV_ACME", "tls.acme.enabled",
            "MAILSERV_ACCOUNT", "first-account.address",
            "MAILSERV_PASSWORD", "first-account.password",
            "MAILSERV_ADMIN_PASSWORD", "http.admin-password",
            "MAILSERV_MAX_MESSAGE_SIZE", "smtp.max-message-size");
    // Variables of the launcher, the image and compose.
    private static final Set<String> OTHERS = Set.of(
            "MAILSERV_CONFIG",
            "MAILSERV_JAVA",
            "MAILSERV_JAVA_OPTS",
            "MAILSERV_IMAGE",
            "MAILSERV_DEFAULTS",
            "MAILSERV_HEALTH_FILE");

    private static final Pattern LINK_VALUE = Pattern.compile("(?i)(tcp|udp|sctp)://[^/]+");
    private static final Pattern LINK_NAME = Pattern.compile(
            PREFIX + "(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private EnvironmentSettings() {}

    /**
     * Returns the settings of an environment.
     *
     * @param reference all keys with their defaults
     */
    static Config of(Map<String, String> environment, Config reference) throws ConfigurationException {
        Map<String, String> keys = keys(reference);
        Config settings = ConfigFactory.empty();
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            String name = variable.getKey();
            String key = keys.get(name);
            if (variable.getValue().isBlank() || isServiceLink(name, variable.getValue(), key)) {
                // Compose files pass an empty value for a variable that is not set.
                continue;
            } else if (key != null) {
                settings = settings.withValue(key, value(name, variable.getValue(), key, reference));
            } else if (name.endsWith(IN_FILE)) {
                String plain = name.substring(0, name.length() - IN_FILE.length());
                String inFile = keys.get(plain);
                if (inFile != null && !environment.containsKey(plain)) {
                    settings = settings.withValue(
                            inFile, value(name, content(name, variable.getValue()), inFile, reference));
                }
            }
        }
        return settings;
    }

    /** Returns the variables that look like settings but are not. */
    public static List<String> unknown(Map<String, String> environment, Config reference) {
        Map<String, String> keys = keys(reference);
        return environment.entrySet().stream()
                .filter(variable -> !isServiceLink(variable.getKey(), variable.getValue(), keys.get(variable.getKey())))
                .map(Map.Entry::getKey)
                .filter(name -> name.startsWith(PREFIX) && !OTHERS.contains(name))
                .filter(name -> !keys.containsKey(name) && !keys.containsKey(name.replaceFirst(IN_FILE + "$", "")))
                .sorted()
                .toList();
    }

    /** Returns variables that have the name of a setting and are service links. */
    public static List<String> serviceLinks(Map<String, String> environment, Config reference) {
        Map<String, String> keys = keys(reference);
        return environment.entrySet().stream()
                .filter(variable -> keys.containsKey(variable.getKey()))
                .filter(variable -> isServiceLink(variable.getKey(), variable.getValue(), keys.get(variable.getKey())))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /**
     * Returns whether Kubernetes, or Docker's links, made a variable for a service beside the container: by its value ({@code
     * tcp://10.0.0.1:8080}), or by a name that is no setting ({@code MAILSERV_HTTP_SERVICE_HOST}, {@code MAILSERV_PORT_25_TCP_ADDR}).
     *
     * @param key that the name stands for, or null
     */
    private static boolean isServiceLink(String name, String value, @Nullable String key) {
        return name.startsWith(PREFIX)
                && (LINK_VALUE.matcher(value.strip()).matches()
                        || key == null && LINK_NAME.matcher(name).matches());
    }

    /** Returns the key of each variable. */
    public static Map<String, String> keys(Config reference) {
        Map<String, String> keys = new LinkedHashMap<>();
        collect("", reference.root(), keys);
        keys.putAll(SHORT);
        return keys;
    }

    private static void collect(String path, ConfigObject group, Map<String, String> keys) {
        group.forEach((name, value) -> {
            String key = path + name;
            if (value instanceof ConfigObject inner && !inner.isEmpty()) {
                collect(key + ".", inner, keys);
            } else {
                keys.put(PREFIX + key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"), key);
            }
        });
    }

    private static ConfigValue value(String name, String text, String key, Config reference)
            throws ConfigurationException {
        String origin = "environment variable " + name;
        ConfigValueType type = reference.hasPath(key) ? reference.getValue(key).valueType() : ConfigValueType.STRING;
        boolean grouped = type == ConfigValueType.OBJECT || type == ConfigValueType.LIST;
        String trimmed = text.strip();
        if (grouped && (trimmed.startsWith("[") || trimmed.startsWith("{"))) {
            try {
                return ConfigFactory.parseString(
                                "value = " + trimmed,
                                ConfigParseOptions.defaults().setOriginDescription(origin))
                        .resolve()
                        .getValue("value");
            } catch (ConfigException e) {
                throw new ConfigurationException(List.of(origin + ": " + Failures.text(e)));
            }
        }
        if (key.equals("domains")) {
            // Names alone, as in example.org,example.net.
            Map<String, Object> domains = new LinkedHashMap<>();
            for (String domain : trimmed.split("[,\\s]+")) {
                domains.put(domain, Map.of());
            }
            return ConfigValueFactory.fromMap(domains, origin);
        }
        return ConfigValueFactory.fromAnyRef(text, origin);
    }

    private static String content(String name, String file) throws ConfigurationException {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException | InvalidPathException e) {
            throw new ConfigurationException(
                    List.of("environment variable " + name + ": " + file + " cannot be read: " + Failures.text(e)));
        }
    }
}
