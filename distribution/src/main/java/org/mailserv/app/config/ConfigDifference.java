package org.mailserv.app.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Values;

/** The differences between two configurations, by the keys of the file. */
public final class ConfigDifference {
    private static final String SECRET = ".*(password|secret|salt).*";
    private final List<String> lines = new ArrayList<>();

    private ConfigDifference() {}

    /** Returns a line for each changed key with its old and new value. Secrets are not shown. */
    public static List<String> of(MailservConfig before, MailservConfig after) {
        ConfigDifference difference = new ConfigDifference();
        difference.compare("", before, after);
        return difference.lines;
    }

    /** Returns the key of a line of {@link #of}. */
    public static String keyOf(String line) {
        return line.substring(0, line.indexOf(": "));
    }

    private void compare(String key, @Nullable Object before, @Nullable Object after) {
        if (Objects.equals(before, after)) {
            return;
        }
        if (before instanceof Record && after instanceof Record && before.getClass() == after.getClass()) {
            for (RecordComponent part : before.getClass().getRecordComponents()) {
                compare(join(key, kebab(part.getName())), value(part, before), value(part, after));
            }
        } else if (before instanceof Map<?, ?> one && after instanceof Map<?, ?> other) {
            TreeSet<String> names = new TreeSet<>();
            one.keySet().forEach(name -> names.add(String.valueOf(name)));
            other.keySet().forEach(name -> names.add(String.valueOf(name)));
            names.forEach(name -> compare(join(key, "\"" + name + "\""), one.get(name), other.get(name)));
        } else {
            boolean secret = key.toLowerCase(Locale.ROOT).matches(SECRET);
            lines.add(key + ": " + (secret ? "(changed)" : Values.text(before) + " -> " + Values.text(after)));
        }
    }

    private static String join(String key, String name) {
        return key.isEmpty() ? name : key + "." + name;
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static @Nullable Object value(RecordComponent part, Object record) {
        try {
            part.getAccessor().setAccessible(true);
            return part.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("a record cannot be read: " + part, e);
        }
    }
}
