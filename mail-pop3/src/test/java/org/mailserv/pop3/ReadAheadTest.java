package org.mailserv.pop3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.spool.MessageContent;

/** A maildrop that counts open messages and answers when the test says so. */
class ReadAheadTest {
    private final List<List<Integer>> asked = new ArrayList<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private int octets = 1000;
    private int unreadable = -1;
    private int open;

    private final class Message implements Maildrop.MaildropMessage {
        final int index;
        private boolean closed;

        Message(int index) {
            this.index = index;
            open++;
        }

        @Override
        public MessageContent content() {
            throw new IllegalStateException("not read here");
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                open--;
            }
        }
    }

    private final Maildrop maildrop = new Maildrop() {
        @Override
        public int size() {
            return 100;
        }

        @Override
        public long octets(int index) {
            return octets;
        }

        @Override
        public String uid(int index) {
            return "u" + index;
        }

        @Override
        public CompletionStage<MaildropMessage> read(int index) {
            asked.add(List.of(index));
            return later(() -> new Message(index));
        }

        @Override
        public CompletionStage<List<MaildropMessage>> readAll(List<Integer> indexes) {
            asked.add(indexes);
            return later(() -> {
                List<MaildropMessage> messages = new ArrayList<>();
                for (int index : indexes) {
                    if (index == unreadable) {
                        break;
                    }
                    messages.add(new Message(index));
                }
                return messages;
            });
        }

        @Override
        public CompletionStage<Void> delete(BitSet indexes) {
            throw new IllegalStateException("not here");
        }

        @Override
        public void close() {
            // Nothing to release.
        }
    };
    private final ReadAhead ahead = new ReadAhead(maildrop, number -> number <= 100);

    private <T> CompletionStage<T> later(java.util.function.Supplier<T> made) {
        CompletableFuture<T> stage = new CompletableFuture<>();
        waiting.add(() -> stage.complete(made.get()));
        return stage;
    }

    private void run() {
        while (!waiting.isEmpty()) {
            waiting.remove(0).run();
        }
    }

    private void fetch(int number) {
        CompletableFuture<Maildrop.MaildropMessage> taken = ahead.take(number).toCompletableFuture();
        run();
        Message message = (Message) taken.join();
        assertThat(message.index).isEqualTo(number - 1);
        message.close();
    }

    @Test
    @DisplayName("Messages retrieved in order are read once, in growing batches")
    void inTurn() {
        for (int number = 1; number <= 100; number++) {
            fetch(number);
        }
        assertThat(open).isZero();
        assertThat(asked.stream().flatMap(List::stream)).hasSize(100).doesNotHaveDuplicates();
        assertThat(asked).hasSizeLessThan(12);
    }

    @Test
    @DisplayName("Read-ahead is bounded, and is released when another message is requested or the session ends")
    void isBounded() {
        octets = 30_000;
        for (int number = 1; number <= 20; number++) {
            fetch(number);
            assertThat(open * octets).isLessThanOrEqualTo(2 * ReadAhead.OCTETS);
        }
        fetch(50);
        assertThat(open).isZero();
        fetch(51);
        ahead.take(52);
        run();
        ahead.drop();
        // A message that was taken is closed by its taker.
        assertThat(open).isEqualTo(1);
        octets = ReadAhead.OCTETS + 1;
        asked.clear();
        fetch(60);
        fetch(61);
        assertThat(asked).containsExactly(List.of(59), List.of(60));
    }

    @Test
    @DisplayName("Messages that are still being read when the session ends are closed")
    void dropBeforeTheyAreThere() {
        fetch(1);
        fetch(2);
        ahead.take(3);
        ahead.drop();
        run();
        assertThat(open).isEqualTo(1);
    }

    @Test
    @DisplayName("A message that could not be read ahead is read separately")
    void unreadable() {
        unreadable = 5;
        for (int number = 1; number <= 20; number++) {
            fetch(number);
        }
        assertThat(asked).contains(List.of(5));
        assertThat(open).isLessThan(40);
        ahead.drop();
        assertThat(open).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4711})
    @DisplayName("In any order, each answer is the requested message")
    void anyOrder(long seed) {
        Random random = new Random(seed);
        int number = 1;
        for (int i = 0; i < 500; i++) {
            number = random.nextInt(4) == 0 ? 1 + random.nextInt(100) : Math.min(100, number + 1);
            fetch(number);
        }
        ahead.drop();
        assertThat(open).isZero();
    }
}
