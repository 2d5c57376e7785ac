package org.mailserv.app.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Finds settings that contain secrets, by their names, and hides them in what is shown. */
public final class SecretSettings {
    /** Stands for a secret. */
    public static final String HIDDEN = "(hidden)";

    private static final Pattern KEY = Pattern.compile("(?i).*(?:passw|secret|salt|token|api-?key|credential).*");
    private static final Pattern URL_CREDENTIALS = Pattern.compile("(?<=://)[^/\\s\"'@]*@");
    /** A label that looks like a key to a DNS list: long, with letters and digits. */
    private static final Pattern KEY_LABEL = Pattern.compile("(?i)(?=[a-z]*\\d)(?=\\d*[a-z])[a-z0-9]{20,}(?=\\.)");

    private SecretSettings() {}

    /** Returns whether a text under this name is a secret. Numbers and switches never are. */
    public static boolean isSecret(String name) {
        return KEY.matcher(name).matches();
    }

    /**
     * Returns a value as it may be shown. The arguments of the password helper are hidden, because such programs take passwords there.
     *
     * @param key path of the setting
     */
    public static ConfigValue masked(String key, ConfigValue value) {
        if (value instanceof ConfigObject object) {
            Map<String, Object> members = new LinkedHashMap<>();
            object.forEach((name, member) ->
                    members.put(name, masked(key + "." + name, member).unwrapped()));
            return ConfigValueFactory.fromMap(members);
        } else if (value instanceof ConfigList list) {
            List<Object> elements = new ArrayList<>();
            for (ConfigValue element : list) {
                boolean argument = key.equals("password-helper.command") && !elements.isEmpty();
                elements.add(argument ? HIDDEN : masked(key, element).unwrapped());
            }
            return ConfigValueFactory.fromIterable(elements);
        } else if (value.valueType() != ConfigValueType.STRING) {
            return value;
        }
        return ConfigValueFactory.fromAnyRef(text(key, String.valueOf(value.unwrapped())));
    }

    private static String text(String key, String text) {
        if (isSecret(key.substring(key.lastIndexOf('.') + 1)) && !text.isEmpty()) {
            return HIDDEN;
        }
        String shown = URL_CREDENTIALS.matcher(text).replaceAll(HIDDEN + "@");
        return KEY_LABEL.matcher(shown).replaceAll(HIDDEN);
    }
}
