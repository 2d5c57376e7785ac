package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
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

/** What a message costs while it waits. */
class QueueMemoryTest {
    private static final int MESSAGES = 1_000_000;
    private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");

    /** Time stands still, and tasks run at once. */
    private static final class StoppedLoop implements RelayLoop {
        @Override
        public Instant now() {
            return NOW;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Timer schedule(Duration wait, Runnable task) {
            return () -> {};
        }
    }

    private static long heapInUse() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    @Test
    @DisplayName("A message that waits costs under 400 octets of heap, with a million of them")
    void costsLittle() {
        Random random = new Random(1);
        QueueManager queue = new QueueManager(new StoppedLoop(), RetryConfig.defaults(), new QueueManager.Listener() {
            @Override
            public void ready(DomainQueue domain) {
                throw new AssertionError("nothing is due");
            }

            @Override
            public void overdue(QueueEntry entry) {
                throw new AssertionError("nothing is over");
            }
        });
        long before = heapInUse();
        for (int i = 0; i < MESSAGES; i++) {
            Recipient recipient = Recipient.remote(new Address("user" + i, "d" + i % 1000 + ".test"));
            Envelope envelope = Envelope.of(
                    QueueId.random(random),
                    new ReversePath(new Address("joe", "example.org")),
                    List.of(recipient),
                    Arrival.local(NOW));
            MessageState state = MessageState.initial(envelope);
            queue.enqueue(new QueuedMessage(
                    envelope, new MessageState(state.recipients(), 1, NOW.plusSeconds(60 + i), null, false), 1000));
        }
        long each = (heapInUse() - before) / MESSAGES;

        assertThat(queue.size()).isEqualTo(MESSAGES);
        assertThat(each).isBetween(20L, 400L);
    }
}
