package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.relay.config.RelayConfig.RetryConfig;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;

class ClockSetBackTest {
    private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");

    /** Time passes when the test says so, and the clock shows it, but for what it was set by. */
    private static final class Loop implements RelayLoop {
        private record Waiting(long at, Runnable task) {}

        private final List<Waiting> waiting = new ArrayList<>();
        private long passed;
        private long set;

        @Override
        public Instant now() {
            return START.plusMillis(passed + set);
        }

        @Override
        public long elapsedMillis() {
            return passed;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Timer schedule(Duration wait, Runnable task) {
            Waiting one = new Waiting(passed + wait.toMillis(), task);
            waiting.add(one);
            return () -> waiting.remove(one);
        }

        void pass(Duration time) {
            long end = passed + time.toMillis();
            while (true) {
                Waiting next = waiting.stream()
                        .filter(one -> one.at() <= end)
                        .min(Comparator.comparingLong(Waiting::at))
                        .orElse(null);
                if (next == null) {
                    passed = end;
                    return;
                }
                waiting.remove(next);
                passed = Math.max(passed, next.at());
                next.task().run();
            }
        }
    }

    @Test
    @DisplayName("a clock that is set back by an hour lets nothing wait an hour longer")
    void mailIsTriedInTime() {
        Loop loop = new Loop();
        List<DomainQueue> ready = new ArrayList<>();
        QueueManager queue = new QueueManager(loop, RetryConfig.defaults(), new QueueManager.Listener() {
            @Override
            public void ready(DomainQueue domain) {
                ready.add(domain);
            }

            @Override
            public void overdue(QueueEntry entry) {
                throw new AssertionError("nothing is over");
            }
        });
        Envelope envelope = Envelope.of(
                QueueId.random(),
                new ReversePath(new Address("joe", "example.org")),
                List.of(Recipient.remote(new Address("kim", "far.test"))),
                Arrival.local(START));
        queue.enqueue(new QueuedMessage(
                envelope,
                new MessageState(MessageState.initial(envelope).recipients(), 1, START.plusSeconds(120), null, false),
                1000));
        loop.pass(Duration.ofSeconds(30));
        loop.set = -Duration.ofHours(1).toMillis();
        loop.pass(Duration.ofSeconds(80));
        assertThat(ready).isEmpty();
        loop.pass(Duration.ofSeconds(30));
        assertThat(ready).hasSize(1);
    }
}
