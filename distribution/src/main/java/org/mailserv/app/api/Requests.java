package org.mailserv.app.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests strictly: an unknown field, a value of the wrong type or a number out of range is an error that names the field. A single
 * value may stand for a list of one, and a field that is null is left out.
 */
public final class Requests {
    private Requests() {}

    /**
     * Reads a JSON object.
     *
     * @param fixed values of components that do not come from the content, such as those in the path
     */
    public static <Q extends Record> Q ofJson(String text, Map<String, String> fixed, Class<Q> type)
            throws ApiException {
        return bind(text.isBlank() ? new JsonObject() : parse(text), fixed, type);
    }

    /** Reads query parameters. */
    public static <Q extends Record> Q ofQuery(
            Map<String, List<String>> query, Map<String, String> fixed, Class<Q> type) throws ApiException {
        JsonObject object = new JsonObject();
        query.forEach((name, values) -> {
            RecordComponent component = components(type).get(name);
            if (component != null && component.getType() == List.class) {
                JsonArray all = new JsonArray();
                values.forEach(all::add);
                object.add(name, all);
            } else {
                object.add(name, scalar(component, values.get(values.size() - 1)));
            }
        });
        return bind(object, fixed, type);
    }

    /** Returns a parameter as the type of its component wants it; a text that is not of the type stays text, which is an error later. */
    private static JsonElement scalar(@Nullable RecordComponent component, String value) {
        Class<?> type = component == null ? String.class : component.getType();
        if ((type == boolean.class || type == Boolean.class) && value.matches("true|false")) {
            return new JsonPrimitive(Boolean.valueOf(value));
        } else if (isNumber(type) && value.matches("-?[0-9]{1,18}")) {
            return new JsonPrimitive(Long.valueOf(value));
        }
        return new JsonPrimitive(value);
    }

    private static JsonObject parse(String text) throws ApiException {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement tree = JsonParser.parseReader(reader);
            if (reader.peek() == JsonToken.END_DOCUMENT && tree.isJsonObject()) {
                return tree.getAsJsonObject();
            }
        } catch (IOException | JsonParseException e) {
            // Below: the position in the library's message helps nobody who looks at one line.
        }
        throw ApiException.malformed("no JSON object");
    }

    private static <Q extends Record> Q bind(JsonObject object, Map<String, String> fixed, Class<Q> type)
            throws ApiException {
        Map<String, RecordComponent> components = components(type);
        for (Map.Entry<String, JsonElement> field : Map.copyOf(object.asMap()).entrySet()) {
            RecordComponent component = components.get(field.getKey());
            if (component == null || fixed.containsKey(field.getKey())) {
                throw ApiException.malformed("unknown field (expected: "
                        + components.keySet().stream()
                                .filter(name -> !fixed.containsKey(name))
                                .collect(Collectors.joining(", "))
                        + ")");
            }
            object.add(field.getKey(), checked(component, field.getKey(), field.getValue()));
        }
        fixed.forEach(object::addProperty);
        components.forEach((name, component) -> {
            if (component.getType() == List.class
                    && (!object.has(name) || object.get(name).isJsonNull())) {
                object.add(name, new JsonArray());
            }
        });
        try {
            return Json.read(object, type);
        } catch (JsonParseException e) {
            throw ApiException.malformed(enumProblem(object, components));
        }
    }

    /** Returns a value whose JSON type fits its component. */
    private static JsonElement checked(RecordComponent component, String name, JsonElement value) throws ApiException {
        Class<?> type = component.getType();
        if (value.isJsonNull()) {
            return JsonNull.INSTANCE;
        } else if (type == List.class) {
            JsonArray all = new JsonArray();
            for (JsonElement each : value.isJsonArray() ? value.getAsJsonArray() : List.of(value)) {
                require(isText(each), name, "a text, or a list of texts");
                all.add(each);
            }
            return all;
        } else if (type == boolean.class || type == Boolean.class) {
            require(value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean(), name, "true or false");
        } else if (isNumber(type)) {
            require(isWhole(value, type == int.class || type == Integer.class ? 9 : 18), name, "a whole number");
        } else {
            require(isText(value), name, "a text");
        }
        return value;
    }

    private static void require(boolean right, String name, String expected) throws ApiException {
        if (!right) {
            throw ApiException.malformed(name + ": wrong type (expected: " + expected + ")");
        }
    }

    private static boolean isText(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
    }

    private static boolean isWhole(JsonElement value, int digits) {
        return value.isJsonPrimitive()
                && value.getAsJsonPrimitive().isNumber()
                && value.getAsString().matches("[0-9]{1," + digits + "}");
    }

    private static boolean isNumber(Class<?> type) {
        return type == int.class || type == Integer.class || type == long.class || type == Long.class;
    }

    /** Returns the problem of a request whose types are right: a constant that does not exist. */
    private static String enumProblem(JsonObject object, Map<String, RecordComponent> components) {
        for (Map.Entry<String, RecordComponent> each : components.entrySet()) {
            Object[] constants = each.getValue().getType().getEnumConstants();
            if (constants != null && object.has(each.getKey())) {
                List<String> labels = Arrays.stream(constants)
                        .map(constant -> Json.label((Enum<?>) constant))
                        .toList();
                if (!labels.contains(object.get(each.getKey()).getAsString().toLowerCase(Locale.ROOT))) {
                    return "unknown " + each.getKey() + " (expected: " + String.join(", ", labels) + ")";
                }
            }
        }
        return "no such request";
    }

    /** Returns the components of a record by their names in JSON, in their order. */
    public static Map<String, RecordComponent> components(Class<? extends Record> type) {
        Map<String, RecordComponent> all = new LinkedHashMap<>();
        for (RecordComponent component : type.getRecordComponents()) {
            all.put(component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT), component);
        }
        return all;
    }
}
