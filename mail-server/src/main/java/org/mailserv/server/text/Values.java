package org.mailserv.server.text;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values of settings and look-ups as people write them, without the notation of Java's collections and records. */
public final class Values {
    private static final Pattern SECRET = Pattern.compile(".*(password|secret|salt).*", Pattern.CASE_INSENSITIVE);
    private static final String NONE = "(none)";

    private Values() {}

    /**
     * Returns a value as text: durations in words, addresses without a slash, lists separated by commas, records as {@code name: value} without
     * their unset parts. Parts of records whose name says that they are secret are hidden.
     */
    public static String text(@Nullable Object value) {
        if (value == null) {
            return NONE;
        } else if (value instanceof Duration time) {
            return Durations.text(time);
        } else if (value instanceof SocketAddress address) {
            return Addresses.text(address);
        } else if (value instanceof InetAddress address) {
            return Addresses.text(address);
        } else if (value instanceof Throwable failure) {
            return Failures.text(failure);
        } else if (value instanceof Optional<?> optional) {
            return text(optional.orElse(null));
        } else if (value instanceof Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
        } else if (value instanceof Collection<?> all) {
            return all.isEmpty()
                    ? NONE
                    : String.join(", ", all.stream().map(Values::nested).toList());
        } else if (value instanceof Map<?, ?> all) {
            List<String> parts = new ArrayList<>();
            all.forEach((key, each) -> parts.add(key + ": " + secretOr(String.valueOf(key), each)));
            return parts.isEmpty() ? NONE : String.join(", ", parts);
        } else if (value instanceof Record parts && !hasOwnText(parts)) {
            return record(parts);
        }
        return String.valueOf(value).replaceAll("\\p{Cntrl}+", " ");
    }

    private static String nested(@Nullable Object value) {
        boolean grouped = value instanceof Collection<?>
                || value instanceof Map<?, ?>
                || value instanceof Record parts && !hasOwnText(parts);
        return grouped ? "{" + text(value) + "}" : text(value);
    }

    private static String secretOr(String name, @Nullable Object value) {
        return value != null && SECRET.matcher(name).matches() ? "(hidden)" : nested(value);
    }

    private static boolean hasOwnText(Record value) {
        try {
            Method method = value.getClass().getMethod("toString");
            // The compiler makes that of a record without one of its own, and marks it final.
            return !Modifier.isFinal(method.getModifiers());
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("every class has toString", e);
        }
    }

    private static String record(Record value) {
        List<String> parts = new ArrayList<>();
        for (RecordComponent part : value.getClass().getRecordComponents()) {
            Object each = value(part, value);
            boolean unset = each == null
                    || each instanceof Collection<?> all && all.isEmpty()
                    || each instanceof Map<?, ?> map && map.isEmpty();
            if (!unset) {
                parts.add(part.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT) + ": "
                        + secretOr(part.getName(), each));
            }
        }
        return parts.isEmpty() ? "(defaults)" : String.join(", ", parts);
    }

    private static @Nullable Object value(RecordComponent part, Record value) {
        try {
            part.getAccessor().setAccessible(true);
            return part.getAccessor().invoke(value);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("a record cannot be read: " + part.getName(), e);
        }
    }
}
