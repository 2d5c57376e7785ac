package org.mailserv.server.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.mailbox.MailboxUsage;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.Maildrop.MaildropMessage;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.testing.InMemorySpool;

/** The promises of a {@link MailboxStore} to local delivery and to POP3. */
public abstract class MailboxStoreContract {
    private static final ReversePath SENDER = new ReversePath(new Address("sender", "b.example"));
    private static final String RETURN_PATH = "Return-Path: <sender@b.example>\r\n";
    private static final String TEXT = "Subject: x\r\n\r\nbody\r\n";

    // Its own for each test, because a store may be shared by all of them.
    private final MailboxName doug = mailbox("doug");
    private final MailboxName kim = mailbox("kim");
    private MailboxStore store;

    /** Returns the store, or another view of the same mailboxes, such as that of another node. */
    protected abstract MailboxStore open() throws Exception;

    /** Returns the id of a message that arrives later than those before it. */
    protected abstract QueueId nextId();

    @BeforeEach
    void openStore() throws Exception {
        store = open();
    }

    private static MailboxName mailbox(String name) {
        return new MailboxName(
                "example.org", name + UUID.randomUUID().toString().substring(0, 8));
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private void deliver(String text, MailboxName... mailboxes) throws Exception {
        deliver(text, false, mailboxes);
    }

    private void deliver(String text, boolean junk, MailboxName... mailboxes) throws Exception {
        List<Recipient> recipients = new ArrayList<>();
        for (MailboxName mailbox : mailboxes) {
            recipients.add(Recipient.local(mailbox.address(), mailbox));
        }
        Envelope envelope = Envelope.of(nextId(), SENDER, recipients, Arrival.local(Instant.now()));
        Envelope wanted = junk ? envelope.toJunk() : envelope;
        List<DeliveryOutcome> outcomes = get(store.deliver(
                new InMemorySpool.Stored(
                        wanted, text.getBytes(StandardCharsets.ISO_8859_1), MessageState.initial(wanted)),
                List.of(mailboxes)));
        assertThat(outcomes).hasSize(mailboxes.length).allMatch(DeliveryOutcome::isDelivered);
    }

    private static String text(Maildrop maildrop, int index) throws Exception {
        try (MaildropMessage message = get(maildrop.read(index))) {
            return text(message);
        }
    }

    private static String text(MaildropMessage message) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        message.content().writeTo(ByteBuffer.allocate(0), Channels.newChannel(octets));
        return octets.toString(StandardCharsets.ISO_8859_1);
    }

    private static List<String> uids(Maildrop maildrop) {
        return IntStream.range(0, maildrop.size()).mapToObj(maildrop::uid).toList();
    }

    private static BitSet bits(int... indexes) {
        BitSet bits = new BitSet();
        for (int index : indexes) {
            bits.set(index);
        }
        return bits;
    }

    @Test
    void anUnknownMailboxIsEmpty() throws Exception {
        assertThat(get(store.usage(doug))).isEqualTo(new MailboxUsage(0, 0));
        try (Maildrop maildrop = get(store.open(doug))) {
            assertThat(maildrop.size()).isZero();
        }
    }

    @Test
    void aDeliveredMessageIsReadWithItsReturnPath() throws Exception {
        deliver(TEXT, doug, kim);
        for (MailboxName mailbox : List.of(doug, kim)) {
            try (Maildrop maildrop = get(store.open(mailbox))) {
                assertThat(maildrop.size()).isEqualTo(1);
                assertThat(text(maildrop, 0)).isEqualTo(RETURN_PATH + TEXT);
                assertThat(maildrop.octets(0)).isEqualTo(RETURN_PATH.length() + TEXT.length());
                assertThat(maildrop.uid(0)).matches("[!-~]{1,70}");
            }
            assertThat(get(store.usage(mailbox))).isEqualTo(new MailboxUsage(RETURN_PATH.length() + TEXT.length(), 1));
        }
    }

    @Test
    void aReturnPathThatCameWithTheMessageIsReplaced() throws Exception {
        deliver("Return-Path: <forged@b.example>\r\n" + TEXT, doug);
        try (Maildrop maildrop = get(store.open(doug))) {
            assertThat(text(maildrop, 0)).isEqualTo(RETURN_PATH + TEXT);
            assertThat(maildrop.octets(0)).isEqualTo(RETURN_PATH.length() + TEXT.length());
        }
    }

    @Test
    void aLastLineWithoutAnEndGetsOne() throws Exception {
        deliver("Subject: x\r\n\r\nbody", doug);
        try (Maildrop maildrop = get(store.open(doug))) {
            assertThat(text(maildrop, 0)).isEqualTo(RETURN_PATH + TEXT);
        }
    }

    @Test
    void aLargeMessageIsReadInPieces() throws Exception {
        String large = TEXT + "0123456789abcde\r\n".repeat(60_000);
        deliver(large, doug);
        try (Maildrop maildrop = get(store.open(doug));
                MaildropMessage message = get(maildrop.read(0))) {
            assertThat(text(message)).isEqualTo(RETURN_PATH + large);
            ByteBuffer part = ByteBuffer.allocate(17);
            message.content().read(RETURN_PATH.length() + TEXT.length() + 17L * 50_000, part);
            assertThat(new String(part.array(), StandardCharsets.US_ASCII)).isEqualTo("0123456789abcde\r\n");
        }
    }

    @Test
    void messagesAreListedInTheirOrderOfArrivalUnderLastingIds() throws Exception {
        for (int i = 0; i < 20; i++) {
            deliver(TEXT + i + "\r\n", doug);
        }
        List<String> uids;
        try (Maildrop maildrop = get(store.open(doug))) {
            assertThat(maildrop.size()).isEqualTo(20);
            for (int i = 0; i < 20; i++) {
                assertThat(text(maildrop, i)).endsWith("body\r\n" + i + "\r\n");
            }
            uids = uids(maildrop);
            assertThat(uids).doesNotHaveDuplicates();
        }
        store = open();
        try (Maildrop maildrop = get(store.open(doug))) {
            assertThat(uids(maildrop)).isEqualTo(uids);
        }
    }

    @Test
    void severalAreReadTogether() throws Exception {
        deliver(TEXT, doug);
        deliver(TEXT + "2\r\n", doug);
        try (Maildrop maildrop = get(store.open(doug))) {
            List<MaildropMessage> messages = get(maildrop.readAll(List.of(1, 0)));
            assertThat(messages).hasSize(2);
            assertThat(text(messages.get(0))).endsWith("2\r\n");
            assertThat(text(messages.get(1))).isEqualTo(RETURN_PATH + TEXT);
            messages.forEach(MaildropMessage::close);
        }
    }

    @Test
    void oneSessionAtATime() throws Exception {
        Maildrop first = get(store.open(doug));
        for (MailboxStore any : List.of(store, open())) {
            assertThatThrownBy(() -> get(any.open(doug)))
                    .cause()
                    .isInstanceOfSatisfying(
                            MaildropException.class,
                            failure -> assertThat(failure.reason()).isEqualTo(MaildropException.Reason.IN_USE));
        }
        assertThat(first.lost().toCompletableFuture().isDone()).isFalse();
        get(store.open(kim)).close();
        first.close();
        first.close();
        openSoon(doug).close();
    }

    /** A lock may be given back behind the close. */
    private Maildrop openSoon(MailboxName mailbox) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                return get(store.open(mailbox));
            } catch (java.util.concurrent.ExecutionException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void whatArrivesLaterIsSeenByTheNextSession() throws Exception {
        deliver(TEXT, doug);
        try (Maildrop maildrop = get(store.open(doug))) {
            deliver(TEXT + "2\r\n", doug);
            assertThat(maildrop.size()).isEqualTo(1);
        }
        try (Maildrop maildrop = openSoon(doug)) {
            assertThat(maildrop.size()).isEqualTo(2);
        }
    }

    @Test
    void deletedMessagesStayDeletedAndTheOthersStay() throws Exception {
        for (int i = 0; i < 5; i++) {
            deliver(TEXT + i + "\r\n", doug, kim);
        }
        String kept;
        try (Maildrop maildrop = get(store.open(doug))) {
            kept = maildrop.uid(2);
            get(maildrop.delete(bits(0, 1, 3, 4)));
        }
        store = open();
        try (Maildrop maildrop = openSoon(doug)) {
            assertThat(uids(maildrop)).containsExactly(kept);
            assertThat(text(maildrop, 0)).endsWith("body\r\n2\r\n");
        }
        try (Maildrop maildrop = openSoon(kim)) {
            assertThat(maildrop.size()).isEqualTo(5);
            assertThat(text(maildrop, 0)).endsWith("body\r\n0\r\n");
        }
        assertThat(get(store.usage(doug)).messages()).isEqualTo(1);
    }

    @Test
    void junkIsNotInTheInbox() throws Exception {
        deliver(TEXT, true, doug);
        deliver(TEXT + "2\r\n", doug);
        try (Maildrop maildrop = get(store.open(doug))) {
            assertThat(maildrop.size()).isEqualTo(1);
            assertThat(text(maildrop, 0)).endsWith("2\r\n");
        }
    }
}
