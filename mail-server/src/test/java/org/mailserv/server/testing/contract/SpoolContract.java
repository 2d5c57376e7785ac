package org.mailserv.server.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.testing.CollectingQueue;

/** The promises of a {@link Spool} to those who take messages and to the relay. */
public abstract class SpoolContract {
    private static final ReversePath SENDER = new ReversePath(new Address("sender", "b.example"));
    private static final Instant TIME = Instant.parse("2026-11-20T22:00:00Z");
    private static final String TRACE = "Received: from a\r\n\tby b\r\n";
    private static final String TEXT = "Subject: x\r\n\r\nbody\r\n";

    private CollectingQueue queue = new CollectingQueue();
    private Spool spool;

    /** Opens a spool that is not started yet, over the data that the one before it has left. */
    protected abstract Spool open() throws Exception;

    @BeforeEach
    void start() throws Exception {
        queue = new CollectingQueue();
        spool = open();
        spool.start(queue);
        get(spool.queueRead());
    }

    @AfterEach
    void close() {
        spool.close();
    }

    private void restart() throws Exception {
        spool.close();
        start();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static Recipient remote(String domain) {
        return Recipient.remote(new Address("a", domain));
    }

    private QueueId commit(String text, Recipient... recipients) throws Exception {
        MessageWriter writer = spool.newMessage(recipients.length);
        for (int at = 0; at < text.length(); at += 60_000) {
            String piece = text.substring(at, Math.min(text.length(), at + 60_000));
            get(writer.append(Unpooled.copiedBuffer(piece, StandardCharsets.ISO_8859_1)));
        }
        Envelope envelope = Envelope.of(
                writer.id(),
                SENDER,
                List.of(recipients),
                new Arrival(TIME, "ESMTP", "192.0.2.7", null, "client.example", null, null));
        try (StoredMessage stored =
                get(writer.commit(envelope, Unpooled.copiedBuffer(TRACE, StandardCharsets.US_ASCII)))) {
            assertThat(stored.envelope()).isEqualTo(envelope);
        }
        return writer.id();
    }

    private String text(QueueId id) throws Exception {
        try (StoredMessage stored = get(spool.open(id))) {
            return text(stored);
        }
    }

    private static String text(StoredMessage stored) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        stored.content().writeTo(ByteBuffer.allocate(0), Channels.newChannel(octets));
        assertThat((long) octets.size()).isEqualTo(stored.content().length());
        return octets.toString(StandardCharsets.ISO_8859_1);
    }

    private static MessageState state(RecipientState.Status... recipients) {
        return new MessageState(
                List.of(recipients).stream()
                        .map(status -> new RecipientState(status, "mx.example [192.0.2.1]", "450 4.2.0 later"))
                        .toList(),
                2,
                Instant.parse("2026-11-21T00:00:00Z"),
                new Hold(Hold.By.OPERATOR, "by ann: looks", TIME),
                true);
    }

    private void assertNotFound(QueueId id) {
        assertThatThrownBy(() -> get(spool.open(id)))
                .cause()
                .isInstanceOfSatisfying(
                        SpoolException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(SpoolException.Reason.NOT_FOUND));
    }

    @Test
    void aCommittedMessageIsReadAsItCame() throws Exception {
        QueueId id = commit(TEXT, remote("far.example"));
        assertThat(text(id)).isEqualTo(TRACE + TEXT);
        assertThat(queue.messages()).isEmpty();
    }

    @Test
    void aLargeMessageIsReadInPieces() throws Exception {
        String large = "0123456789abcde\r\n".repeat(100_000);
        QueueId id = commit(large, remote("far.example"));
        assertThat(text(id)).isEqualTo(TRACE + large);
        try (StoredMessage stored = get(spool.open(id))) {
            ByteBuffer part = ByteBuffer.allocate(17);
            stored.content().read(TRACE.length() + 17L * 70_000, part);
            assertThat(new String(part.array(), StandardCharsets.US_ASCII)).isEqualTo("0123456789abcde\r\n");
        }
        restart();
        assertThat(text(id)).isEqualTo(TRACE + large);
    }

    @Test
    void aMessageOfAnEarlierRunArrives() throws Exception {
        QueueId id = commit(TEXT, remote("far.example"));
        restart();
        assertThat(queue.messages()).extracting(QueuedMessage::id).containsExactly(id);
        QueuedMessage message = queue.messages().get(0);
        assertThat(message.envelope().sender()).isEqualTo(SENDER);
        assertThat(message.envelope().arrival().helo()).isEqualTo("client.example");
        assertThat(message.contentLength()).isEqualTo(TRACE.length() + TEXT.length());
        assertThat(message.state().isSettled()).isFalse();
        assertThat(text(id)).isEqualTo(TRACE + TEXT);
    }

    @Test
    void aStateSurvives() throws Exception {
        QueueId id = commit(TEXT, remote("far.example"), remote("other.example"));
        MessageState state = state(RecipientState.Status.DELIVERED, RecipientState.Status.PENDING);
        get(spool.update(id, state));
        try (StoredMessage stored = get(spool.open(id))) {
            assertThat(stored.state()).isEqualTo(state);
        }
        restart();
        restart();
        assertThat(queue.messages()).hasSize(1);
        QueuedMessage message = queue.messages().get(0);
        // A store may keep what is settled out of what it passes on.
        assertThat(message.state().attempts()).isEqualTo(2);
        assertThat(message.state().hold()).isEqualTo(state.hold());
        assertThat(message.state().nextAttempt()).isEqualTo(state.nextAttempt());
        assertThat(message.state().delayWarned()).isTrue();
        for (int i = 0; i < message.envelope().recipients().size(); i++) {
            boolean far =
                    message.envelope().recipients().get(i).address().domain().equals("far.example");
            RecipientState recipient = message.state().recipients().get(i);
            assertThat(recipient.isSettled()).isEqualTo(far);
            assertThat(recipient.lastReply()).isEqualTo("450 4.2.0 later");
        }
    }

    @Test
    void aSettledMessageIsGone() throws Exception {
        QueueId id = commit(TEXT, remote("far.example"));
        QueueId other = commit(TEXT, remote("far.example"));
        get(spool.update(id, state(RecipientState.Status.DELIVERED)));
        assertNotFound(id);
        restart();
        assertNotFound(id);
        assertThat(queue.messages()).extracting(QueuedMessage::id).containsExactly(other);
    }

    @Test
    void anUnknownMessageIsNotFound() throws Exception {
        QueueId unknown = QueueId.random();
        assertNotFound(unknown);
        assertThatThrownBy(() -> get(spool.update(unknown, state(RecipientState.Status.PENDING))))
                .cause()
                .isInstanceOfSatisfying(
                        SpoolException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(SpoolException.Reason.NOT_FOUND));
    }

    @Test
    void anAbortedMessageLeavesNothing() throws Exception {
        MessageWriter writer = spool.newMessage(1);
        get(writer.append(Unpooled.copiedBuffer("x".repeat(300_000), StandardCharsets.US_ASCII)));
        writer.abort();
        restart();
        assertThat(queue.messages()).isEmpty();
    }

    @Test
    void idsAreNotRepeated() throws Exception {
        assertThat(List.of(
                        commit(TEXT, remote("far.example")),
                        commit(TEXT, remote("far.example")),
                        commit(TEXT, remote("far.example"))))
                .doesNotHaveDuplicates();
        assertThat(spool.isWritable()).isTrue();
    }

    @Test
    void manyMessagesArriveOnceEach() throws Exception {
        List<QueueId> ids = new java.util.ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ids.add(commit(TEXT + i, remote("d" + i % 7 + ".example")));
        }
        restart();
        assertThat(queue.messages()).extracting(QueuedMessage::id).containsExactlyInAnyOrderElementsOf(ids);
    }
}
