package org.mailserv.app.api;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of the API: fields in lower case with underscores, enums in lower case with hyphens, times as in RFC 3339 to the second. Fields
 * without a value are written as null.
 */
public final class Json {
    private static final Gson GSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .setStrictness(Strictness.STRICT)
            .serializeNulls()
            .disableHtmlEscaping()
            .registerTypeAdapter(Instant.class, new TimeAdapter().nullSafe())
            .registerTypeAdapterFactory(new EnumAdapters())
            .create();

    private Json() {}

    /** Returns a value as JSON on one line. */
    public static String write(Object value) {
        return GSON.toJson(value);
    }

    /** Returns a value as a tree, to which more fields can be added. */
    public static JsonElement tree(Object value) {
        return GSON.toJsonTree(value);
    }

    /**
     * Reads a value that the server wrote. Fields that are unknown are ignored, so that a newer server can be asked.
     *
     * @throws JsonParseException if it is not of the type
     */
    public static <T> T read(String text, TypeToken<T> type) {
        T value = GSON.fromJson(text, type);
        if (value == null) {
            throw new JsonParseException("no value");
        }
        return value;
    }

    static <T> T read(JsonElement tree, Class<T> type) {
        return GSON.fromJson(tree, type);
    }

    /** Returns the name of a constant in JSON. */
    public static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static final class TimeAdapter extends TypeAdapter<Instant> {
        @Override
        public void write(JsonWriter out, Instant time) throws IOException {
            out.value(time.truncatedTo(ChronoUnit.SECONDS).toString());
        }

        @Override
        public Instant read(JsonReader in) throws IOException {
            return Instant.parse(in.nextString());
        }
    }

    private static final class EnumAdapters implements TypeAdapterFactory {
        @Override
        @SuppressWarnings("unchecked") // The adapter reads and writes constants of exactly this type.
        public <T> @Nullable TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
            Class<? super T> raw = type.getRawType();
            return raw.isEnum()
                    ? (TypeAdapter<T>) new EnumAdapter((Class<? extends Enum<?>>) raw.asSubclass(Enum.class)).nullSafe()
                    : null;
        }
    }

    private static final class EnumAdapter extends TypeAdapter<Enum<?>> {
        private final Enum<?>[] constants;

        EnumAdapter(Class<? extends Enum<?>> type) {
            constants = type.getEnumConstants();
        }

        @Override
        public void write(JsonWriter out, Enum<?> constant) throws IOException {
            out.value(label(constant));
        }

        @Override
        public Enum<?> read(JsonReader in) throws IOException {
            if (in.peek() != JsonToken.STRING) {
                throw new JsonParseException("no text");
            }
            String text = in.nextString();
            for (Enum<?> constant : constants) {
                if (label(constant).equalsIgnoreCase(text)) {
                    return constant;
                }
            }
            throw new JsonParseException("\"" + text + "\" (expected: "
                    + Arrays.stream(constants).map(Json::label).collect(Collectors.joining(", ")) + ")");
        }
    }
}
