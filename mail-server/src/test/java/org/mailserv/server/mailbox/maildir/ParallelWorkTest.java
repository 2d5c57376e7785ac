package org.mailserv.server.mailbox.maildir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParallelWorkTest {
    private static final int SHARE = 10;

    private static void assertOnce(ParallelWork work, int count) throws IOException {
        AtomicIntegerArray done = new AtomicIntegerArray(count);
        work.run(count, (from, to) -> {
            for (int i = from; i < to; i++) {
                done.incrementAndGet(i);
            }
        });
        for (int i = 0; i < count; i++) {
            assertThat(done.get(i)).as("%d of %d", i, count).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, SHARE, SHARE + 1, 7 * SHARE + 3})
    @DisplayName("each number is worked on once, however many help")
    void allOnce(int count) throws IOException {
        ExecutorService helpers = Executors.newFixedThreadPool(3);
        try {
            assertOnce(new ParallelWork(helpers, 4, SHARE), count);
            assertOnce(new ParallelWork(Runnable::run, 4, SHARE), count);
        } finally {
            helpers.shutdownNow();
        }
    }

    @Test
    @DisplayName("whoever cannot help holds nobody up: threads that are busy, a queue that is full")
    void nobodyHelps() throws IOException {
        List<Runnable> waiting = new ArrayList<>();
        assertOnce(new ParallelWork(waiting::add, 4, SHARE), 5 * SHARE);
        assertThat(waiting).hasSize(3);
        waiting.forEach(Runnable::run);
        assertOnce(
                new ParallelWork(
                        task -> {
                            throw new RejectedExecutionException("full");
                        },
                        4,
                        SHARE),
                5 * SHARE);
    }

    @Test
    @DisplayName("it is not over while a helper is still at work")
    void waitsForHelpers() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicIntegerArray done = new AtomicIntegerArray(1);
        Thread[] helper = new Thread[1];
        ParallelWork work = new ParallelWork(
                task -> {
                    helper[0] = new Thread(task);
                    helper[0].start();
                },
                2,
                SHARE);
        work.run(2 * SHARE, (from, to) -> {
            if (Thread.currentThread() == helper[0]) {
                begun.countDown();
                done.incrementAndGet(0);
            } else {
                // The other share is the helper's, which may have both.
                awaitQuietly(begun);
            }
        });
        assertThat(done.get(0)).isPositive();
        helper[0].join();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @DisplayName("the first failure is the caller's, of whichever thread")
    void failures() {
        ParallelWork work = new ParallelWork(Runnable::run, 2, SHARE);
        assertThatThrownBy(() -> work.run(3 * SHARE, (from, to) -> {
                    throw new IOException("no. " + from);
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no. 0");
        assertThatThrownBy(() -> work.run(1, (from, to) -> {
                    throw new IllegalStateException("broken");
                }))
                .isInstanceOf(IllegalStateException.class);
    }
}
