package org.mailserv.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.server.cluster.memory.MemoryTables;
import org.mailserv.server.cluster.memory.Network;
import org.mailserv.server.store.shared.ThreadLoop;

@DisplayName("Questions of nodes to each other")
class PeerQuestionsTest {
    private final MemoryTables tables = new MemoryTables(System::currentTimeMillis);
    private final ThreadLoop loop = new ThreadLoop();
    private final PeerQuestions one = node("one");
    private final PeerQuestions other = node("other");

    private PeerQuestions node(String name) {
        return new PeerQuestions(
                loop, tables.through(Network.DIRECT).hints(), name, () -> Set.of("one", "other", "third"));
    }

    @AfterEach
    void closeLoop() {
        loop.execute(one::stop);
        loop.execute(other::stop);
        loop.close();
    }

    @Test
    @DisplayName("an answer of any length comes back whole, and each question is answered once")
    void answers() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        String large = "ä".repeat(300_000) + "end";
        other.answerBy(question -> {
            asked.incrementAndGet();
            return CompletableFuture.completedFuture(question.isEmpty() ? "" : large + question);
        });
        assertThat(one.ask("other", "x").toCompletableFuture().get(10, TimeUnit.SECONDS))
                .isEqualTo(large + "x");
        assertThat(one.ask("other", "").toCompletableFuture().get(10, TimeUnit.SECONDS))
                .isEmpty();
        assertThat(asked).hasValue(2);
        assertThat(one.others().toCompletableFuture().get(10, TimeUnit.SECONDS)).containsExactly("other", "third");
    }

    @Test
    @DisplayName("a node that does not answer fails the question in bounded time")
    void silence() {
        assertThatThrownBy(() -> one.ask("third", "x").toCompletableFuture().get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
    }
}
