package org.mailserv.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordBinderTest {
    enum Colour {
        RED,
        DARK_BLUE
    }

    record Inner(String name, @Nullable Integer unused) {
        Inner {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("name: empty (expected: a name)");
            }
        }
    }

    record Outer(
            @Octets long maxSize,
            Duration idleTime,
            Colour colour,
            @Nullable Path folder,
            List<String> names,
            Map<String, Inner> inners) {}

    private static Outer bind(String text) throws ConfigurationException {
        return RecordBinder.bind(ConfigFactory.parseString(text).resolve(), Outer.class);
    }

    private static List<String> problems(String text) {
        return catchThrowableOfType(ConfigurationException.class, () -> bind(text))
                .problems();
    }

    @Test
    void bindsSizesTimesEnumsListsAndMaps() throws ConfigurationException {
        Outer bound = bind("max-size = 35M, idle-time = 5m, colour = dark-blue, names = [a, b], folder = x/y\n"
                + "inners {\n z { name = one }\n a { name = two }\n}");
        assertThat(bound.maxSize()).isEqualTo(35L << 20);
        assertThat(bound.idleTime()).isEqualTo(Duration.ofMinutes(5));
        assertThat(bound.colour()).isEqualTo(Colour.DARK_BLUE);
        assertThat(bound.folder()).isEqualTo(Path.of("x/y"));
        assertThat(bound.names()).containsExactly("a", "b");
        assertThat(bound.inners().keySet()).as("in the order of the file").containsExactly("z", "a");
    }

    @Test
    void takesCommasForAListAsFromAnEnvironmentVariable() throws ConfigurationException {
        assertThat(bind("max-size = 1, idle-time = 1s, colour = red, names = \"a, b\"")
                        .names())
                .containsExactly("a", "b");
    }

    @Test
    void tellsAllProblemsAtOnceWithTheirLines() {
        assertThat(problems(
                        "max-size = many\nidle-tim = 5m\nidle-time = x\ncolour = green\ninners { a { name = \"\" } }"))
                .hasSize(5)
                .anyMatch(line -> line.endsWith(": 1: max-size: many (expected: a number of octets such as 35M)")
                        || line.endsWith(":1: max-size: many (expected: a number of octets such as 35M)"))
                .anyMatch(line -> line.endsWith(":2: idle-tim: unknown key (did you mean idle-time?)"))
                .anyMatch(line -> line.endsWith(":3: idle-time: x (expected: a time such as 30s or 5m)"))
                .anyMatch(line -> line.endsWith(":4: colour: green (expected: red, dark-blue)"))
                .anyMatch(line -> line.endsWith(":5: inners.a.name: empty (expected: a name)"));
    }

    @Test
    void namesWhatIsMissing() {
        assertThat(problems("idle-time = 1s, colour = red"))
                .singleElement()
                .asString()
                .contains("max-size: missing (expected: ");
    }
}
