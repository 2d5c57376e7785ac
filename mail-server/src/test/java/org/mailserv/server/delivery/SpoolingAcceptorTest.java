package org.mailserv.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.testing.InMemoryMailboxes;
import org.mailserv.server.testing.InMemorySpool;

class SpoolingAcceptorTest {
    private static final MailboxName KIM = new MailboxName("example.org", "kim");

    private final InMemorySpool spool = new InMemorySpool(Runnable::run);
    private final InMemoryMailboxes mailboxes = new InMemoryMailboxes(Runnable::run);
    private final List<QueuedMessage> queued = new ArrayList<>();
    private final List<Recipient> delivered = new ArrayList<>();
    private final List<Recipient> expanded = new ArrayList<>();

    private CompletionStage<Void> note(StoredMessage message, List<Recipient> here, List<Recipient> lists) {
        delivered.addAll(here);
        expanded.addAll(lists);
        return CompletableFuture.completedFuture(null);
    }

    private void accept(MailboxStore store, SuccessNotices notices, String sender, Recipient recipient, boolean junk)
            throws Exception {
        MessageWriter writer = spool.newMessage(1);
        writer.append(Unpooled.copiedBuffer("Subject: x\r\n\r\n", StandardCharsets.US_ASCII));
        ReversePath path = sender.isEmpty() ? ReversePath.NULL : new ReversePath(new Address(sender, "b.example"));
        Envelope envelope = Envelope.of(writer.id(), path, List.of(recipient), Arrival.local(Instant.EPOCH));
        Recipient list = new Recipient(new Address("list", "example.org"), null, null, null, Set.of(Notify.SUCCESS));
        new SpoolingAcceptor(spool, store, queued::add, notices, MailEvents.NONE)
                .accept(writer, junk ? envelope.toJunk() : envelope, Unpooled.EMPTY_BUFFER, List.of(list))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    private static Recipient kim(Set<Notify> events) {
        return new Recipient(KIM.address(), KIM, null, null, events);
    }

    /** A store whose deliveries fail, by a failed stage or at once. */
    private static MailboxStore failing(boolean atOnce) {
        return (MailboxStore) Proxy.newProxyInstance(
                MailboxStore.class.getClassLoader(),
                new Class<?>[] {MailboxStore.class},
                (proxy, method, arguments) -> {
                    if (atOnce) {
                        throw new IllegalStateException("as told");
                    }
                    return CompletableFuture.failedFuture(new IllegalStateException("as told"));
                });
    }

    @ParameterizedTest(name = "at once: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("a store that fails leaves no client waiting: the message is acknowledged, and the queue has it")
    void aFailedStageIsAnswered(boolean atOnce) throws Exception {
        accept(failing(atOnce), this::note, "a", kim(Set.of(Notify.SUCCESS)), false);
        assertThat(queued).hasSize(1);
        assertThat(queued.get(0).state().isSettled()).isFalse();
        assertThat(delivered).isEmpty();
    }

    @Test
    @DisplayName("notices that cannot be sent neither hold nor refuse the message")
    void failedNotices() throws Exception {
        accept(
                mailboxes,
                (message, here, lists) -> CompletableFuture.failedFuture(new IllegalStateException("as told")),
                "a",
                kim(Set.of(Notify.SUCCESS)),
                false);
        accept(
                mailboxes,
                (message, here, lists) -> {
                    throw new IllegalStateException("as told");
                },
                "a",
                kim(Set.of(Notify.SUCCESS)),
                false);
        assertThat(mailboxes.texts(KIM)).hasSize(2);
        assertThat(queued).isEmpty();
    }

    @Test
    @DisplayName("NOTIFY=SUCCESS: who asked for it hears of delivery, and nobody else does")
    void tellsOfDelivery() throws Exception {
        accept(mailboxes, this::note, "a", kim(Set.of(Notify.SUCCESS, Notify.FAILURE)), false);
        assertThat(delivered).hasSize(1);
        assertThat(expanded).hasSize(1);
        delivered.clear();
        accept(mailboxes, this::note, "a", kim(null), false);
        accept(mailboxes, this::note, "a", kim(Set.of()), false);
        accept(mailboxes, this::note, "a", kim(Set.of(Notify.FAILURE, Notify.DELAY)), false);
        accept(mailboxes, this::note, "", kim(Set.of(Notify.SUCCESS)), false);
        accept(mailboxes, this::note, "a", kim(Set.of(Notify.SUCCESS)), true);
        assertThat(delivered).isEmpty();
        assertThat(mailboxes.texts(KIM)).hasSize(6);
    }
}
