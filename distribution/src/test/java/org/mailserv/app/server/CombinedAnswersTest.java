package org.mailserv.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.app.api.AccountReleased;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.DestinationSummary;
import org.mailserv.app.api.MessageStory;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.api.ReleaseAccount;
import org.mailserv.app.api.TraceQuery;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueState;

@DisplayName("The answers of several servers become one")
class CombinedAnswersTest {
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");

    @SafeVarargs
    private static <Q extends Record, A> A combine(Call<Q, A> call, Q request, NodeAnswer<A>... answers)
            throws ApiException {
        return Objects.requireNonNull(CombinedAnswers.of(call)).combine(request, Arrays.asList(answers));
    }

    private static <A> NodeAnswer<A> of(String node, A answer) {
        return new NodeAnswer<>(node, answer, null);
    }

    private static <A> NodeAnswer<A> refusal(String node) {
        return new NodeAnswer<>(node, null, ApiException.notFound("nothing at " + node));
    }

    private static QueueMessage message(String id, int minute) {
        return new QueueMessage(
                id,
                QueueState.DEFERRED,
                "",
                NOON.plusSeconds(60L * minute),
                1,
                null,
                null,
                1,
                null,
                null,
                List.of(),
                null,
                null);
    }

    @Test
    @DisplayName("messages are sorted by arrival, each once, with the server that has it, up to the limit")
    void queue() throws Exception {
        List<QueueMessage> all = combine(
                Calls.QUEUE,
                QueueQuery.all(3),
                of("a", List.of(message("m2", 2), message("m4", 4))),
                of("b", List.of(message("m1", 1), message("m2", 2), message("m3", 3))));
        assertThat(all).extracting(QueueMessage::id).containsExactly("m1", "m2", "m3");
        assertThat(all).extracting(QueueMessage::node).containsExactly("b", "a", "b");
    }

    @Test
    @DisplayName("a destination's mail is added up")
    void summary() throws Exception {
        DestinationSummary one =
                new DestinationSummary("far.test", 1, 2, 0, NOON, NOON.plusSeconds(9), null, 0, null, 1, "none", "one");
        DestinationSummary two = new DestinationSummary(
                "far.test", 3, 3, 1, NOON.minusSeconds(5), NOON.plusSeconds(3), NOON, 2, NOON, 0, null, "two");
        assertThat(combine(Calls.QUEUE_SUMMARY, QueueQuery.all(0), of("a", List.of(one)), of("b", List.of(two))))
                .containsExactly(new DestinationSummary(
                        "far.test",
                        4,
                        5,
                        1,
                        NOON.minusSeconds(5),
                        NOON.plusSeconds(3),
                        NOON,
                        2,
                        NOON,
                        1,
                        "none",
                        "two"));
    }

    @Test
    @DisplayName("a message that one server has is no problem of the others")
    void change() throws Exception {
        String missing = "m1: no message in the queue has this id (`mailserv trace m1` shows what became of it)";
        QueueChange change = QueueChange.of(QueueAdmin.Action.HOLD, List.of("m1", "m2"), null);
        QueueChanged.ChangedMessage held = new QueueChanged.ChangedMessage(message("m1", 1), List.of("x@far.test"));
        QueueChanged found = new QueueChanged(null, 1, 1, List.of("m9: failed"), 0, List.of(held), null);
        QueueChanged nothing = new QueueChanged(null, 0, 0, List.of(missing), 1, List.of(), null);
        QueueChanged both = combine(Calls.CHANGE_QUEUE, change, of("a", found), of("b", nothing));
        assertThat(both.problems()).containsExactly("m9: failed");
        assertThat(both.changed()).isEqualTo(1);
        assertThat(both.skipped()).isEqualTo(1);
        assertThat(both.messages()).extracting(each -> each.message().node()).containsExactly("a");
        assertThat(combine(Calls.CHANGE_QUEUE, change, of("a", nothing), of("b", nothing))
                        .problems())
                .containsExactly(missing);
    }

    @Test
    @DisplayName("a limit is one for all servers")
    void limit() {
        CombinedAnswers<QueueChange, QueueChanged> combined = CombinedAnswers.of(Calls.CHANGE_QUEUE);
        QueueChange five =
                QueueChange.of(QueueAdmin.Action.HOLD, List.of(), "far.test").withLimit(5);
        QueueChanged three = new QueueChanged(null, 3, 3, List.of(), 0, List.of(), null);
        assertThat(combined.inTurn(five)).isTrue();
        assertThat(combined.rest(five, List.of(of("a", three)))).isEqualTo(five.withLimit(2));
        assertThat(combined.rest(five, List.of(of("a", three), of("b", three)))).isNull();
    }

    @Test
    @DisplayName("a story is told by all servers that know a part of it")
    void trace() throws Exception {
        List<MessageStory> one = List.of(new MessageStory("m1", List.of("1 accepted", "3 delivered")));
        List<MessageStory> two =
                List.of(new MessageStory("m1", List.of("2 deferred")), new MessageStory("m0", List.of("0 accepted")));
        assertThat(combine(Calls.TRACE, new TraceQuery("x", null), of("a", one), of("b", two)))
                .containsExactly(
                        new MessageStory("m0", List.of("0 accepted")),
                        new MessageStory("m1", List.of("1 accepted", "2 deferred", "3 delivered")));
    }

    @Test
    @DisplayName("what one server does not know fails only if no other one knows it")
    void failures() throws Exception {
        ReleaseAccount request = new ReleaseAccount("kim@a.test", null);
        AccountReleased done = new AccountReleased("kim@a.test", false, 2, false);
        AccountReleased more = new AccountReleased("kim@a.test", true, 1, false);
        assertThat(combine(Calls.RELEASE_ACCOUNT, request, refusal("a"), of("b", done), of("c", more)))
                .isEqualTo(new AccountReleased("kim@a.test", true, 3, false));
        assertThatThrownBy(() -> combine(Calls.RELEASE_ACCOUNT, request, refusal("a"), refusal("b")))
                .isInstanceOf(ApiException.class)
                .hasMessage("nothing at a");
        assertThatThrownBy(() -> combine(Calls.QUEUE, QueueQuery.all(0), of("a", List.of()), refusal("b")))
                .hasMessage("nothing at b");
    }
}
