package org.mailserv.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueueOrderInfo;
import org.mailserv.app.api.QueueOrderInfo.State;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueState;

/** Removals and bounces that can be undone for a while. */
@Timeout(60)
class UndoWindowTest {
    private static final Operator ANN = new Operator("ann", Operator.Role.ADMINISTRATOR, false);
    private static final QueueChange CHANGE = new QueueChange(
            QueueAdmin.Action.REMOVE, List.of(), List.of(), null, null, "far.test", null, null, false, null, false, 10);

    private final Queue<QueueChange> executed = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<QueueChanged> answer = new CompletableFuture<>();
    private final UndoWindow window = new UndoWindow((change, by) -> {
        executed.add(change);
        return answer.join();
    });

    @AfterEach
    void close() {
        window.close();
    }

    private static QueueChanged found(int messages, String... problems) {
        List<QueueChanged.ChangedMessage> all = IntStream.range(0, messages)
                .mapToObj(i -> new QueueMessage(
                        "id" + i,
                        QueueState.DEFERRED,
                        "",
                        Instant.EPOCH,
                        1,
                        null,
                        null,
                        1,
                        null,
                        null,
                        List.of(),
                        null,
                        null))
                .map(message -> new QueueChanged.ChangedMessage(message, List.of("x@far.test")))
                .toList();
        return new QueueChanged(null, messages, messages, List.of(problems), 0, all, null);
    }

    private QueueOrderInfo schedule(int messages, Duration time) throws ApiException {
        return window.schedule(CHANGE, found(messages), ANN, time);
    }

    private State state(String id) {
        return window.list().stream()
                .filter(order -> order.id().equals(id))
                .findFirst()
                .orElseThrow()
                .state();
    }

    @Test
    @DisplayName("an order takes effect after its time, not before, and its result is told")
    void takesEffect() throws Exception {
        QueueOrderInfo waiting = schedule(1, Duration.ofMillis(300));
        assertThat(waiting.state()).isEqualTo(State.WAITING);
        assertThat(waiting.recipients()).isEqualTo(1);
        assertThat(executed).isEmpty();
        await().until(() -> !executed.isEmpty());
        assertThat(Instant.now()).isAfterOrEqualTo(waiting.takesEffect().minusMillis(50));
        assertThat(executed).singleElement().satisfies(change -> {
            assertThat(change.id()).containsExactly("id0");
            assertThat(change.domain()).isEqualTo("far.test");
            assertThat(change.undoWindow()).isZero();
            assertThat(change.isDryRun()).isFalse();
        });
        assertThat(state(waiting.id())).isEqualTo(State.RUNNING);
        assertThatThrownBy(() -> window.undo(waiting.id())).hasMessageContaining("too late");
        answer.complete(found(1, "b: is being sent at this moment"));
        await().until(() -> state(waiting.id()) != State.RUNNING);
        assertThat(window.list()).singleElement().satisfies(order -> {
            assertThat(order.state()).isEqualTo(State.DONE);
            assertThat(order.result()).contains("1 recipient of 1 message").contains("b: is being sent");
        });
    }

    @Test
    @DisplayName("an order that is undone never takes effect, and can be undone once")
    void undo() throws Exception {
        QueueOrderInfo undone = schedule(1, Duration.ofMillis(200));
        assertThat(window.undo(undone.id()).state()).isEqualTo(State.UNDONE);
        assertThatThrownBy(() -> window.undo(undone.id())).hasMessageContaining("undone already");
        assertThatThrownBy(() -> window.undo("other"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.kind()).isEqualTo(ApiException.Kind.NOT_FOUND));
        QueueOrderInfo next = schedule(2, Duration.ofMillis(300));
        await().until(() -> !executed.isEmpty());
        assertThat(executed).hasSize(1);
        assertThat(state(undone.id())).isEqualTo(State.UNDONE);
        assertThat(window.list()).extracting(QueueOrderInfo::id).containsExactly(next.id(), undone.id());
    }

    @Test
    @DisplayName("a failure is told, and a stop of the server changes nothing")
    void failureAndStop() throws Exception {
        QueueOrderInfo failing = schedule(1, Duration.ZERO);
        answer.completeExceptionally(new IllegalStateException("the disk"));
        await().until(() -> state(failing.id()) == State.FAILED);
        executed.clear();
        schedule(1, Duration.ofMinutes(1));
        window.close();
        assertThat(window.list()).isEmpty();
        assertThat(executed).isEmpty();
    }

    @Test
    @DisplayName("the orders that wait are limited in number and size")
    void limits() throws Exception {
        for (int i = 0; i < 100; i++) {
            schedule(1, Duration.ofMinutes(1));
        }
        assertThatThrownBy(() -> schedule(1, Duration.ofMinutes(1))).hasMessageContaining("too many changes");
        assertThatThrownBy(() -> new UndoWindow((change, by) -> answer.join())
                        .schedule(CHANGE, found(100_001), ANN, Duration.ofMinutes(1)))
                .hasMessageContaining("too many changes");
    }
}
