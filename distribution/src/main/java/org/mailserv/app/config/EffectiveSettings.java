package org.mailserv.app.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The settings that hold, one by one, with the place that each comes from. Secrets are hidden. */
public final class EffectiveSettings {
    /** The origin of settings that nobody has set. */
    public static final String DEFAULT = "default";

    /**
     * A setting.
     *
     * @param key path, such as {@code smtp.max-message-size}
     * @param value null if it is unset; otherwise a text, number, boolean, list or map
     * @param origin {@code FILE: LINE}, the environment variable, the command line, or {@code default}
     */
    public record Setting(String key, @Nullable Object value, String origin) {
        /** Returns the setting as a line of a configuration file. */
        public String line() {
            return key + " = " + rendered(value);
        }

        public boolean isDefault() {
            return origin.equals(DEFAULT);
        }
    }

    private EffectiveSettings() {}

    /**
     * Returns settings in the order of their keys.
     *
     * @param prefix a key, or the beginning of a path of keys; empty for all
     */
    public static List<Setting> of(Config all, String prefix) {
        List<Setting> found = new ArrayList<>();
        collect(List.of(), all.root(), found);
        return found.stream()
                .filter(setting -> prefix.isEmpty()
                        || setting.key().equals(prefix)
                        || setting.key().startsWith(prefix + "."))
                .toList();
    }

    private static void collect(List<String> path, ConfigObject group, List<Setting> found) {
        new TreeMap<>(group).forEach((name, value) -> {
            List<String> inner = new ArrayList<>(path);
            inner.add(name);
            if (value instanceof ConfigObject members && !members.isEmpty()) {
                collect(inner, members, found);
            } else {
                String key = ConfigUtil.joinPath(inner);
                found.add(new Setting(key, SecretSettings.masked(key, value).unwrapped(), origin(value)));
            }
        });
    }

    private static String origin(ConfigValue value) {
        ConfigOrigin origin = value.origin();
        String place = origin.filename() != null ? origin.filename() : origin.description();
        if (place.startsWith("reference.conf")) {
            return DEFAULT;
        } else if (place.startsWith("development.conf")) {
            return "development server";
        }
        return origin.filename() != null && origin.lineNumber() > 0 ? place + ": " + origin.lineNumber() : place;
    }

    private static String rendered(@Nullable Object value) {
        ConfigValue shown = ConfigValueFactory.fromAnyRef(value);
        return shown.valueType() == ConfigValueType.NULL ? "null" : shown.render(ConfigRenderOptions.concise());
    }
}
