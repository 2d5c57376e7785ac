package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;

/** A spool that stores when the test says so. */
class UnstoredStatesTest {
    private static final QueueId ID = QueueId.random();

    private final List<Runnable> timers = new ArrayList<>();
    private final List<MessageState> asked = new ArrayList<>();
    private final List<CompletableFuture<Void>> answers = new ArrayList<>();
    private final RelayLoop loop = new RelayLoop() {
        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Timer schedule(Duration wait, Runnable task) {
            timers.add(task);
            return () -> timers.remove(task);
        }
    };
    private final Spool spool = (Spool) Proxy.newProxyInstance(
            Spool.class.getClassLoader(), new Class<?>[] {Spool.class}, (proxy, method, arguments) -> {
                assertThat(method.getName()).isEqualTo("update");
                asked.add((MessageState) arguments[1]);
                CompletableFuture<Void> answer = new CompletableFuture<>();
                answers.add(answer);
                return answer;
            });
    private final UnstoredStates states = new UnstoredStates(loop, spool, MailEvents.NONE);

    private static MessageState state(RecipientState.Status first, RecipientState.Status second) {
        return new MessageState(
                List.of(new RecipientState(first, "mx", "x"), new RecipientState(second, "mx", "x")),
                1,
                Instant.EPOCH,
                null,
                false);
    }

    private static final MessageState ONE = state(RecipientState.Status.DELIVERED, RecipientState.Status.PENDING);
    private static final MessageState BOTH = state(RecipientState.Status.DELIVERED, RecipientState.Status.DELIVERED);

    private void fail(int call) {
        answers.get(call).completeExceptionally(new SpoolException(SpoolException.Reason.IO_ERROR, "disk", null));
    }

    @Test
    @DisplayName("a state counts from the moment that it is given, until it is stored")
    void countsUntilStored() {
        states.store(ID, ONE);
        assertThat(states.of(ID)).isEqualTo(ONE);
        answers.get(0).complete(null);
        assertThat(states.of(ID)).isNull();
        assertThat(timers).isEmpty();
    }

    @Test
    @DisplayName("M6: a state that the disk refused counts, and is tried again")
    void isTriedAgain() {
        states.store(ID, ONE);
        fail(0);
        assertThat(states.of(ID)).isEqualTo(ONE);
        timers.remove(0).run();
        assertThat(asked).containsExactly(ONE, ONE);
        answers.get(1).complete(null);
        assertThat(states.of(ID)).isNull();
    }

    @Test
    @DisplayName("M6: an older state never comes behind a newer one: what was delivered would be delivered again")
    void theNewerOneWins() {
        states.store(ID, ONE);
        fail(0);
        states.store(ID, BOTH);
        answers.get(1).complete(null);
        timers.remove(0).run();
        assertThat(asked).containsExactly(ONE, BOTH);

        states.store(ID, ONE);
        states.store(ID, BOTH);
        fail(2);
        fail(3);
        timers.remove(0).run();
        assertThat(asked).hasSize(4);
        timers.remove(0).run();
        assertThat(asked).hasSize(5).last().isEqualTo(BOTH);
        assertThat(states.of(ID)).isEqualTo(BOTH);
    }

    @Test
    @DisplayName("a message that is gone has no state")
    void gone() {
        states.store(ID, ONE);
        answers.get(0).completeExceptionally(new SpoolException(SpoolException.Reason.NOT_FOUND, "no message", null));
        assertThat(states.of(ID)).isNull();
        assertThat(timers).isEmpty();
    }
}
