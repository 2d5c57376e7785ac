package org.mailserv.server.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;

/**
 * Binds a configuration to records. Each component is one key, in kebab case. Unknown keys, values of the wrong type
 * and values that a record rejects are collected and reported together, one line each.
 *
 * <p>Supported component types: String, int, long (octets if annotated {@link Octets}), boolean, double, Duration,
 * Path, URI, enums, records, and List and Map of these. A component annotated {@code @Nullable} may be missing; all
 * others have their default in {@code reference.conf}.
 */
public final class RecordBinder {
    private static final Object MISSING = new Object();

    private final List<String> problems = new ArrayList<>();
    private final Check check;

    private RecordBinder(Check check) {
        this.check = check;
    }

    /** An additional check of each value, with its key and location. */
    @FunctionalInterface
    public interface Check {
        /**
         * Checks a value that has the right type.
         *
         * @param path path of the key, such as {@code smtp.hop-limit} or {@code listeners[0].port}
         * @return the expected value, or null if the value is valid
         */
        @Nullable
        String expected(String path, Object value);
    }

    /** Binds a whole configuration. */
    public static <T extends Record> T bind(Config config, Class<T> type) throws ConfigurationException {
        return bind(config, type, (path, value) -> null);
    }

    /** Binds a whole configuration and applies an additional check to each value. */
    public static <T extends Record> T bind(Config config, Class<T> type, Check check) throws ConfigurationException {
        RecordBinder binder = new RecordBinder(check);
        Object bound = binder.record(config.root(), "", type);
        if (!binder.problems.isEmpty()) {
            throw new ConfigurationException(binder.problems);
        }
        return type.cast(bound);
    }

    private Object record(ConfigObject object, String path, Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Map<String, RecordComponent> keys = new LinkedHashMap<>();
        for (RecordComponent component : components) {
            keys.put(kebab(component.getName()), component);
        }
        for (Map.Entry<String, ConfigValue> entry : inOrder(object).entrySet()) {
            if (!keys.containsKey(entry.getKey())) {
                problem(entry.getValue(), join(path, entry.getKey()), "unknown key" + suggestion(entry.getKey(), keys));
            }
        }
        @Nullable Object[] values = new Object[components.length];
        boolean complete = true;
        for (int i = 0; i < components.length; i++) {
            String key = kebab(components[i].getName());
            ConfigValue value = object.get(key);
            Object bound = component(value, object, join(path, key), components[i]);
            complete &= bound != MISSING;
            values[i] = bound == MISSING ? null : bound;
        }
        return complete ? construct(object, path, type, components, values) : MISSING;
    }

    private @Nullable Object component(
            @Nullable ConfigValue value, ConfigObject parent, String path, RecordComponent component) {
        if (value == null || value.valueType() == ConfigValueType.NULL) {
            Class<?> type = component.getType();
            if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                return null;
            } else if (type == List.class) {
                return List.of();
            } else if (type == Map.class) {
                return Map.of();
            }
            problem(value == null ? parent : value, path, "missing (expected: " + describe(type) + ")");
            return MISSING;
        }
        return value(value, path, component.getGenericType(), component.isAnnotationPresent(Octets.class));
    }

    private Object construct(
            ConfigObject object, String path, Class<?> type, RecordComponent[] components, @Nullable Object[] values) {
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            String message = Failures.text(e.getCause() == null ? e : e.getCause());
            // A message "name: problem (expected: ...)" names a component, whose key and location are reported.
            int colon = message.indexOf(": ");
            ConfigValue culprit = colon > 0 ? object.get(kebab(message.substring(0, colon))) : null;
            if (culprit == null) {
                problem(object, path, message);
            } else {
                problem(culprit, join(path, kebab(message.substring(0, colon))), message.substring(colon + 2));
            }
            return MISSING;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("record " + type.getName() + " cannot be made", e);
        }
    }

    private Object value(ConfigValue value, String path, Type type, boolean octets) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class
                    ? list(value, path, arguments[0])
                    : map(value, path, arguments[1]);
        }
        Class<?> raw = (Class<?>) type;
        if (raw.isRecord()) {
            if (value instanceof ConfigObject object) {
                return record(object, path, raw);
            }
            return wrong(value, path, "a group of keys in { }");
        }
        if (value.valueType() == ConfigValueType.OBJECT || value.valueType() == ConfigValueType.LIST) {
            return wrong(value, path, describe(raw));
        }
        Object bound = scalar(value, path, raw, octets);
        String expected = bound == MISSING ? null : check.expected(path, bound);
        return expected == null ? bound : wrong(value, path, expected);
    }

    private Object scalar(ConfigValue value, String path, Class<?> raw, boolean octets) {
        Config single = value.atKey("v");
        try {
            if (raw == String.class) {
                return single.getString("v");
            } else if (raw == boolean.class || raw == Boolean.class) {
                return single.getBoolean("v");
            } else if (raw == double.class) {
                return single.getDouble("v");
            } else if (raw == Duration.class) {
                return single.getDuration("v");
            } else if (raw == Path.class) {
                return Path.of(single.getString("v"));
            } else if (raw == URI.class) {
                return URI.create(single.getString("v"));
            } else if (raw == long.class || raw == Long.class) {
                return octets ? single.getBytes("v") : single.getLong("v");
            } else if (raw == int.class || raw == Integer.class) {
                return octets ? Math.toIntExact(single.getBytes("v")) : single.getInt("v");
            } else if (raw.isEnum()) {
                return constant(value, path, raw);
            }
        } catch (ConfigException | IllegalArgumentException | ArithmeticException e) {
            return wrong(value, path, octets ? "a number of octets such as 35M" : describe(raw));
        }
        throw new IllegalStateException("no binding for " + raw);
    }

    private Object constant(ConfigValue value, String path, Class<?> type) {
        String text = String.valueOf(value.unwrapped()).toLowerCase(Locale.ROOT);
        for (Object constant : type.getEnumConstants()) {
            if (keyword(constant).equals(text)) {
                return constant;
            }
        }
        return wrong(value, path, describe(type));
    }

    private static String keyword(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private Object list(ConfigValue value, String path, Type element) {
        List<Object> bound = new ArrayList<>();
        if (value instanceof ConfigList list) {
            for (int i = 0; i < list.size(); i++) {
                bound.add(value(list.get(i), path + "[" + i + "]", element, false));
            }
        } else if (value.valueType() == ConfigValueType.STRING && element == String.class) {
            // A single value may stand for a list, as in an environment variable. It is split at commas.
            for (String part : String.valueOf(value.unwrapped()).split(",")) {
                if (!part.isBlank()) {
                    String expected = check.expected(path + "[" + bound.size() + "]", part.strip());
                    bound.add(expected == null ? part.strip() : wrong(value, path, expected));
                }
            }
        } else {
            return wrong(value, path, "a list in [ ]");
        }
        return bound.contains(MISSING) ? MISSING : List.copyOf(bound);
    }

    private Object map(ConfigValue value, String path, Type element) {
        if (!(value instanceof ConfigObject object)) {
            return wrong(value, path, "a group of keys in { }");
        }
        Map<String, Object> bound = new LinkedHashMap<>();
        inOrder(object).forEach((key, entry) -> bound.put(key, value(entry, join(path, quoted(key)), element, false)));
        return bound.containsValue(MISSING) ? MISSING : bound;
    }

    /**
     * Returns the entries in the order of the file, which the library does not preserve. The first domain and the
     * first mailbox have a special meaning.
     */
    private static Map<String, ConfigValue> inOrder(ConfigObject object) {
        List<Map.Entry<String, ConfigValue>> entries = new ArrayList<>(object.entrySet());
        entries.sort(Comparator.<Map.Entry<String, ConfigValue>>comparingInt(
                        entry -> entry.getValue().origin().lineNumber())
                .thenComparing(Map.Entry::getKey));
        Map<String, ConfigValue> ordered = new LinkedHashMap<>();
        entries.forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
        return ordered;
    }

    private static String quoted(String key) {
        return key.matches("[A-Za-z0-9_-]+") ? key : "\"" + key + "\"";
    }

    private Object wrong(ConfigValue value, String path, String expected) {
        // A URL may contain a user name and a password.
        boolean secret = path.contains("password") || path.contains("secret") || path.endsWith(".url");
        String shown = secret ? "the value" : String.valueOf(value.unwrapped()).replaceAll("\\s+", " ");
        if (shown.isBlank()) {
            shown = "empty";
        }
        problem(value, path, (shown.length() > 60 ? "the value" : shown) + " (expected: " + expected + ")");
        return MISSING;
    }

    private void problem(ConfigValue value, String path, String text) {
        String line = where(value.origin()) + ": " + (path.isEmpty() ? "" : path + ": ") + text;
        problems.add(line.replaceAll("\\R", " "));
    }

    /** Returns {@code file:line}, as far as it is known. */
    private static String where(ConfigOrigin origin) {
        String file = origin.filename();
        URL url = origin.url();
        if (file == null && url != null && "file".equals(url.getProtocol())) {
            try {
                file = Path.of(url.toURI()).toString();
            } catch (URISyntaxException | IllegalArgumentException e) {
                file = url.toString();
            }
        }
        if (file == null) {
            // For a group merged from several files, the first of them is reported, which has the highest precedence.
            file = origin.resource() != null
                    ? origin.resource()
                    : origin.description().replaceFirst("^merge of (.*?): (\\d+),.*$", "$1:$2");
        }
        return origin.lineNumber() > 0 ? file + ":" + origin.lineNumber() : file;
    }

    private static String describe(Class<?> type) {
        if (type == Duration.class) {
            return "a time such as 30s or 5m";
        } else if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        } else if (type == double.class) {
            return "a number";
        } else if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        } else if (type == Path.class) {
            return "a path";
        } else if (type == URI.class) {
            return "an address such as http://127.0.0.1:9000/check";
        } else if (type.isEnum()) {
            return String.join(
                    ", ",
                    Arrays.stream(type.getEnumConstants())
                            .map(RecordBinder::keyword)
                            .toList());
        }
        return type == String.class ? "a text" : "a group of keys in { }";
    }

    private static String suggestion(String key, Map<String, RecordComponent> keys) {
        String best = null;
        int distance = 4;
        for (String candidate : keys.keySet()) {
            int found = distance(key, candidate);
            if (found < distance) {
                distance = found;
                best = candidate;
            }
        }
        return best == null
                ? " (expected: one of " + String.join(", ", keys.keySet()) + ")"
                : " (did you mean " + best + "?)";
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? diagonal : diagonal + 1;
                row[j] = Math.min(same, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }

    static String kebab(String name) {
        StringBuilder kebab = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isUpperCase(c)) {
                kebab.append('-').append(Character.toLowerCase(c));
            } else {
                kebab.append(c);
            }
        }
        return kebab.toString();
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
