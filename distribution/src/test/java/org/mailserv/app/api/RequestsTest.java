package org.mailserv.app.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.relay.queue.QueueAdmin;

class RequestsTest {
    private static QueueChange read(String json) throws ApiException {
        return Requests.ofJson(json, Map.of(), QueueChange.class);
    }

    @Test
    void readsWhatItWrites() throws ApiException {
        QueueChange change = new QueueChange(
                QueueAdmin.Action.HOLD,
                List.of("a", "b"),
                List.of(),
                "<>",
                null,
                "x.test",
                "6h",
                3,
                false,
                "ä\"",
                true,
                10);

        assertThat(read(Json.write(change))).isEqualTo(change);
    }

    @Test
    void takesOneTextForAList() throws ApiException {
        assertThat(read("{\"action\":\"remove\",\"id\":\"a\",\"ids\":[\"b\",\"c\"]}")
                        .filter()
                        .ids())
                .containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void readsQueries() throws ApiException {
        QueueQuery query = Requests.ofQuery(
                Map.of("id", List.of("A", "b"), "older_than", List.of("2d"), "limit", List.of("7")),
                Map.of(),
                QueueQuery.class);

        assertThat(query.filter().ids()).containsExactlyInAnyOrder("a", "b");
        assertThat(query.filter().olderThan()).isEqualTo(Duration.ofDays(2));
        assertThat(query.filter().limit()).isEqualTo(7);
    }

    @Test
    void takesVariablesOfThePathOnlyFromThere() throws ApiException {
        Map<String, String> variables = Map.of("user", "a@b.test");

        assertThat(Requests.ofJson("", variables, ReleaseAccount.class).user()).isEqualTo("a@b.test");
        assertThatThrownBy(() -> Requests.ofJson("{\"user\":\"x@y.test\"}", variables, ReleaseAccount.class))
                .isInstanceOf(ApiException.class)
                .hasMessage("unknown field (expected: drop)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "x",
                "{\"action\"",
                "{} {}",
                "{'action':'remove'}",
                "{\"action\":1}",
                "{\"action\":\"explode\"}",
                "{\"id\":[1]}",
                "{\"id\":{}}",
                "{\"dry_run\":\"true\"}",
                "{\"limit\":-1}",
                "{\"limit\":1.5}",
                "{\"limit\":99999999999}",
                "{\"dryRun\":true}"
            })
    void refusesWhatItDoesNotUnderstand(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.kind()).isEqualTo(ApiException.Kind.MALFORMED));
    }
}
