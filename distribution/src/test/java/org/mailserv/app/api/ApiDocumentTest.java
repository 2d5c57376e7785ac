package org.mailserv.app.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The OpenAPI document beside the calls: neither may know a call or a field that the other lacks. */
class ApiDocumentTest {
    private static Map<String, Object> document;

    @BeforeAll
    static void read() throws IOException {
        try (Reader in = Files.newBufferedReader(Path.of("..", "docs", "api.yaml"))) {
            document = new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> at(Map<String, Object> from, String... keys) {
        Map<String, Object> here = from;
        for (String key : keys) {
            assertThat(here).containsKey(key);
            here = (Map<String, Object>) here.get(key);
        }
        return here;
    }

    @Test
    @DisplayName("every call is documented, with its access and summary, and no other")
    void documentsTheCalls() {
        List<String> documented = new ArrayList<>();
        at(document, "paths")
                .forEach((path, methods) -> at(document, "paths", path)
                        .keySet()
                        .forEach(method -> documented.add(method.toUpperCase(Locale.ROOT) + " " + path)));

        assertThat(documented)
                .containsExactlyInAnyOrderElementsOf(
                        Calls.ALL.stream().map(Call::toString).toList());
        for (Call<?, ?> call : Calls.ALL) {
            Map<String, Object> operation = operation(call);
            assertThat(operation).as(call.toString()).containsEntry("summary", call.summary());
            assertThat(operation)
                    .as(call.toString())
                    .containsEntry("x-access", call.access().name().toLowerCase(Locale.ROOT));
        }
    }

    private static Map<String, Object> operation(Call<?, ?> call) {
        return at(document, "paths", call.path(), call.method().name().toLowerCase(Locale.ROOT));
    }

    @Test
    @DisplayName("requests have the documented fields")
    void documentsRequests() {
        for (Call<?, ?> call : Calls.ALL) {
            Set<String> documented = new HashSet<>();
            for (Object parameter : (List<?>) operation(call).getOrDefault("parameters", List.of())) {
                documented.add(String.valueOf(((Map<?, ?>) parameter).get("name")));
            }
            if (operation(call).containsKey("requestBody")) {
                documented.addAll(properties(call.request().getSimpleName()).keySet());
            }
            assertThat(documented)
                    .as(call.toString())
                    .isEqualTo(Requests.components(call.request()).keySet());
        }
    }

    @Test
    @DisplayName("answers, and the records in them, have the documented fields in their order")
    void documentsAnswers() {
        Set<Class<?>> seen = new HashSet<>();
        Calls.ALL.forEach(call -> compare(call.answer().getType(), seen));
        assertThat(seen).hasSizeGreaterThan(10);
    }

    private static Map<String, Object> properties(String schema) {
        return at(document, "components", "schemas", schema, "properties");
    }

    private static void compare(Type type, Set<Class<?>> seen) {
        if (type instanceof ParameterizedType list) {
            compare(list.getActualTypeArguments()[0], seen);
        } else if (type instanceof Class<?> answer
                && answer.isRecord()
                && answer != Nothing.class
                && seen.add(answer)) {
            assertThat(properties(answer.getSimpleName()).keySet())
                    .as(answer.getSimpleName())
                    .containsExactlyElementsOf(
                            Requests.components(answer.asSubclass(Record.class)).keySet());
            for (RecordComponent component : answer.getRecordComponents()) {
                compare(component.getGenericType(), seen);
            }
        }
    }
}
