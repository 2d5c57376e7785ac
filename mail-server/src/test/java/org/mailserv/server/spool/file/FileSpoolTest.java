package org.mailserv.server.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.BodyType;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.StoredMessage;

class FileSpoolTest {
    private static final String TEXT = "Subject: x\r\n\r\ntext\r\n";

    @TempDir
    Path folder;

    private SpoolFixture open() throws Exception {
        return new SpoolFixture(folder, new RealDisk(), Duration.ofMinutes(1));
    }

    private List<String> files(String below) throws Exception {
        Path root = folder.resolve(below);
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    @DisplayName("M9, M10: one file a message, under a name that says nothing, in the folder of its domain and mailbox")
    void deliversLocally() throws Exception {
        try (SpoolFixture fixture = open()) {
            QueueId id = SpoolFixture.get(
                    fixture.accept(TEXT, SpoolFixture.local(SpoolFixture.DOUG), SpoolFixture.local(SpoolFixture.KIM)));
            assertThat(files("domains")).containsExactly("example.org/doug/new/" + id, "example.org/kim/new/" + id);
            assertThat(Files.readString(folder.resolve("domains/example.org/doug/new/" + id)))
                    .isEqualTo("Return-Path: <sender@b.example>\r\n" + SpoolFixture.TRACE + TEXT);
            assertThat(fixture.spool.size()).isZero();
            assertThat(fixture.spool.memoryInUse()).isZero();
        }
    }

    @Test
    @DisplayName("M14, U12: a clean stop leaves only whole queue files, and a start reads them")
    void aCleanStopLeavesQueueFiles() throws Exception {
        QueueId id;
        try (SpoolFixture fixture = open()) {
            id = SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.remote("a@far.example")));
            assertThat(fixture.queued).hasSize(1);
            assertThat(files("spool/queue")).isEmpty();
        }
        assertThat(files("spool/queue")).containsExactly(id.toString().substring(0, 2) + "/" + id);
        String file =
                Files.readString(folder.resolve("spool/queue/" + id.toString().substring(0, 2) + "/" + id));
        assertThat(file)
                .startsWith("MAILSERV SENDER FILE\r\nsender\r\nb.example\r\na\r\nfar.example\r\n")
                .endsWith("<END>\r\n" + SpoolFixture.TRACE + TEXT);
        try (SpoolFixture fixture = open()) {
            assertThat(fixture.recovered).hasSize(1);
            assertThat(fixture.recovered.get(0).id()).isEqualTo(id);
            try (StoredMessage message = SpoolFixture.get(fixture.spool.open(id).toCompletableFuture())) {
                assertThat(message.content().length()).isEqualTo((SpoolFixture.TRACE + TEXT).length());
                assertThat(message.envelope().arrival().clientAddress()).isEqualTo("192.0.2.7");
            }
        }
    }

    @Test
    @DisplayName("the queue is read while mail comes in: what this run wrote is not given a second time, and what it"
            + " settled is not either")
    void theQueueIsReadWhileMailComesIn() throws Exception {
        QueueId old;
        try (SpoolFixture fixture = open()) {
            old = SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.remote("a@far.example")));
        }
        try (SpoolFixture fixture = new SpoolFixture(folder, new RealDisk(), Duration.ofMillis(1), false)) {
            QueueId fresh = SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.remote("b@far.example")));
            // Its segment is retired, so that it has a file beside the old one.
            await().until(() -> files("spool/queue").contains(fresh.toString().substring(0, 2) + "/" + fresh));
            fixture.spool.readQueue(fixture.recovered::add);
            assertThat(fixture.recovered).extracting(QueuedMessage::id).containsExactly(old);
            for (QueueId id : List.of(old, fresh)) {
                SpoolFixture.get(fixture.spool.open(id).toCompletableFuture()).close();
            }
        }
        try (SpoolFixture fixture = open()) {
            assertThat(fixture.recovered)
                    .extracting(QueuedMessage::id)
                    .contains(old)
                    .hasSize(2);
        }
    }

    @Test
    @DisplayName("whoever waits for a queue that could not be read is told so, and does not wait for ever")
    void aQueueThatCannotBeRead() throws Exception {
        try (SpoolFixture fixture = open()) {
            SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.remote("a@far.example")));
        }
        try (SpoolFixture fixture = new SpoolFixture(folder, new RealDisk(), Duration.ofMinutes(1), false)) {
            assertThatThrownBy(() -> fixture.spool.readQueue(message -> {
                        throw new IllegalStateException("the relay is gone");
                    }))
                    .hasMessageContaining("the relay is gone");
            assertThatThrownBy(() ->
                            fixture.spool.queueRead().toCompletableFuture().get(1, TimeUnit.SECONDS))
                    .hasMessageContaining("could not be read");
        }
    }

    @Test
    void aStateSurvivesAndASettledMessageGoes() throws Exception {
        QueueId id;
        MessageState tried = new MessageState(
                List.of(new RecipientState(
                        RecipientState.Status.PENDING, "mx.far.example", "450 4.2.0 later\r\nX: y", 2)),
                3,
                Instant.parse("2026-11-21T00:00:00Z"),
                new Hold(
                        Hold.By.OPERATOR,
                        "by ann: looks\r\nStatus-1: DELIVERED",
                        Instant.parse("2026-11-20T00:00:00Z")),
                true);
        try (SpoolFixture fixture = open()) {
            id = SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.remote("a@far.example")));
            SpoolFixture.get(fixture.spool.update(id, tried).toCompletableFuture());
        }
        try (SpoolFixture fixture = open()) {
            MessageState read = fixture.recovered.get(0).state();
            assertThat(read.attempts()).isEqualTo(3);
            assertThat(read.hold())
                    .isEqualTo(new Hold(
                            Hold.By.OPERATOR,
                            "by ann: looks  Status-1: DELIVERED",
                            Instant.parse("2026-11-20T00:00:00Z")));
            assertThat(read.nextAttempt()).isEqualTo(tried.nextAttempt());
            assertThat(read.recipients().get(0).lastReply()).isEqualTo("450 4.2.0 later  X: y");
            assertThat(read.recipients().get(0).uncertainLosses()).isEqualTo(2);
            MessageState done = new MessageState(
                    List.of(new RecipientState(RecipientState.Status.DELIVERED, null, null)),
                    4,
                    Instant.EPOCH,
                    null,
                    false);
            SpoolFixture.get(fixture.spool.update(id, done).toCompletableFuture());
        }
        assertThat(files("spool/queue")).isEmpty();
        try (SpoolFixture fixture = open()) {
            assertThat(fixture.recovered).isEmpty();
        }
    }

    @Test
    void aLargeMessageGoesToAFileOfItsOwn() throws Exception {
        String text = "Subject: big\r\n\r\n" + "0123456789abcdef\r\n".repeat(5000);
        QueueId id;
        try (SpoolFixture fixture = open()) {
            id = SpoolFixture.get(
                    fixture.accept(text, SpoolFixture.local(SpoolFixture.DOUG), SpoolFixture.remote("a@far.example")));
            assertThat(files("spool/incoming")).containsExactly(id.toString());
            assertThat(fixture.spool.memoryInUse()).isZero();
        }
        assertThat(files("spool/incoming")).isEmpty();
        assertThat(Files.readString(folder.resolve("domains/example.org/doug/new/" + id)))
                .endsWith(text);
        try (SpoolFixture fixture = open()) {
            try (StoredMessage message = SpoolFixture.get(fixture.spool.open(id).toCompletableFuture())) {
                assertThat(message.content().length()).isEqualTo((SpoolFixture.TRACE + text).length());
                assertThat(message.state().recipients().get(0).isSettled()).isTrue();
            }
        }
    }

    @Test
    void whatIsAbortedLeavesNothing() throws Exception {
        try (SpoolFixture fixture = open()) {
            var writer = fixture.spool.newMessage(1);
            for (int i = 0; i < 20; i++) {
                writer.append(Unpooled.copiedBuffer("x".repeat(1000), StandardCharsets.US_ASCII));
            }
            writer.abort();
            writer.abort();
            assertThat(fixture.spool.memoryInUse()).isZero();
        }
        assertThat(files("spool/incoming")).isEmpty();
    }

    @Test
    @DisplayName("M1: many at once, each whole, sharing syncs")
    void commitsInGroups() throws Exception {
        try (SpoolFixture fixture = open()) {
            List<CompletableFuture<QueueId>> all = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                all.add(fixture.accept(
                        "Subject: " + i + "\r\n\r\n" + "y".repeat(i) + "\r\n", SpoolFixture.local(SpoolFixture.DOUG)));
            }
            all.forEach(SpoolFixture::get);
            assertThat(fixture.spool.syncs()).isLessThan(300);
        }
        assertThat(files("domains")).hasSize(300);
    }

    @Test
    void segmentsAreUsedAgain() throws Exception {
        try (SpoolFixture fixture = open()) {
            for (int i = 0; i < 800; i++) {
                CompletableFuture<QueueId> accepted =
                        fixture.accept("x".repeat(4000) + "\r\n", SpoolFixture.local(SpoolFixture.DOUG));
                if (i % 50 == 0) {
                    SpoolFixture.get(accepted);
                }
            }
            SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.local(SpoolFixture.DOUG)));
        }
        assertThat(files("spool/journal").size()).isBetween(1, 3);
        assertThat(files("domains")).hasSize(801);
    }

    @Test
    void whatCannotBeReadIsSetAside() throws Exception {
        Files.createDirectories(folder.resolve("spool/queue/aa"));
        Files.writeString(folder.resolve("spool/queue/aa/aaaaaaaaaaaaaaaa"), "no queue file\r\n");
        Files.createDirectories(folder.resolve("spool/incoming"));
        Files.writeString(folder.resolve("spool/incoming/stray"), "x");
        try (SpoolFixture fixture = open()) {
            assertThat(fixture.recovered).isEmpty();
        }
        assertThat(files("spool/refused")).containsExactly("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa.reason");
        assertThat(Files.readString(folder.resolve("spool/refused/aaaaaaaaaaaaaaaa.reason")))
                .startsWith("line 1: ");
        assertThat(files("spool/incoming")).isEmpty();
    }

    @Test
    @DisplayName("a mailbox that cannot be written keeps its message in the queue")
    void aBrokenMailboxLosesNothing() throws Exception {
        Files.createDirectories(folder.resolve("domains"));
        Files.writeString(folder.resolve("domains/example.org"), "in the way");
        try (SpoolFixture fixture = open()) {
            SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.local(SpoolFixture.DOUG)));
            assertThat(fixture.queued).hasSize(1);
            assertThat(fixture.queued.get(0).state().recipients().get(0).lastReply())
                    .contains("cannot be written");
        }
        // Its segment was retired all the same, or one broken mailbox would stop the mail of all in the end.
        assertThat(files("spool/queue")).hasSize(2);
        try (SpoolFixture fixture = open()) {
            assertThat(fixture.recovered).hasSize(1);
        }
    }

    @Test
    @DisplayName("M15: a deletion that was recorded happens, also when its caller never comes to it")
    void aRecordedDeletionHappens() throws Exception {
        try (SpoolFixture fixture = open()) {
            QueueId id = SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.local(SpoolFixture.DOUG)));
            SpoolFixture.get(fixture.spool
                    .recordDeletions(SpoolFixture.DOUG, List.of(id.toString()))
                    .toCompletableFuture());
        }
        assertThat(files("domains/example.org/doug")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000})
    @DisplayName("a large message is whole, also with more recipients than there was room for")
    void largeMessageWithManyRecipients(int recipients) throws Exception {
        String body = "0123456789abcde\r\n".repeat(2000);
        Recipient[] all = IntStream.range(0, recipients)
                .mapToObj(i -> SpoolFixture.remote("a".repeat(60) + i + "@" + "b".repeat(60) + ".far.example"))
                .toArray(Recipient[]::new);
        QueueId id;
        try (SpoolFixture fixture = open()) {
            var writer = fixture.spool.newMessage(1);
            SpoolFixture.get(writer.append(Unpooled.copiedBuffer(body, StandardCharsets.ISO_8859_1))
                    .toCompletableFuture());
            id = writer.id();
            Envelope envelope = Envelope.of(
                    id,
                    new ReversePath(new Address("sender", "b.example")),
                    List.of(all),
                    new Arrival(Instant.EPOCH, "ESMTP", "192.0.2.7", null, "client.example", null, null));
            try (StoredMessage stored = SpoolFixture.get(
                    writer.commit(envelope, Unpooled.copiedBuffer("Trace: x\r\n", StandardCharsets.US_ASCII))
                            .toCompletableFuture())) {
                assertThat(text(stored)).isEqualTo("Trace: x\r\n" + body);
            }
            try (StoredMessage opened = SpoolFixture.get(fixture.spool.open(id).toCompletableFuture())) {
                assertThat(text(opened)).isEqualTo("Trace: x\r\n" + body);
                assertThat(opened.envelope().recipients()).hasSize(recipients);
            }
        }
        try (SpoolFixture again = open();
                StoredMessage opened = SpoolFixture.get(again.spool.open(id).toCompletableFuture())) {
            assertThat(text(opened)).isEqualTo("Trace: x\r\n" + body);
            assertThat(opened.envelope().recipients()).hasSize(recipients);
        }
        assertThat(folder.resolve("spool/incoming")).isEmptyDirectory();
    }

    private static String text(StoredMessage message) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate((int) message.content().length());
        message.content().read(0, octets);
        return new String(octets.array(), StandardCharsets.ISO_8859_1);
    }

    @Test
    @DisplayName("M9: a large message is written once: its file becomes that of the mailboxes")
    void largeMessageIsTheMailboxFile() throws Exception {
        String body = TEXT + "0123456789abcde\r\n".repeat(1000);
        QueueId id;
        Object incoming;
        try (SpoolFixture fixture = open()) {
            id = SpoolFixture.get(
                    fixture.accept(body, SpoolFixture.local(SpoolFixture.DOUG), SpoolFixture.local(SpoolFixture.KIM)));
            incoming = fileKey("spool/incoming/" + id);
        }
        for (String mailbox : List.of("doug", "kim")) {
            String file = "domains/example.org/" + mailbox + "/new/" + id;
            assertThat(fileKey(file)).isEqualTo(incoming);
            String text = Files.readString(folder.resolve(file), StandardCharsets.ISO_8859_1);
            assertThat(text)
                    .startsWith("Return-Path: <sender@b.example>\r\nFolded: a")
                    .contains("a\r\n\t  ");
            assertThat(text.replaceAll("\t +", "\t"))
                    .isEqualTo("Return-Path: <sender@b.example>\r\n" + SpoolFixture.TRACE + body);
        }
        assertThat(files("spool/incoming")).isEmpty();
        assertThat(files("spool/queue")).isEmpty();
    }

    @Test
    @DisplayName("M9: a large message with a trace that has no room is written again, in the mailboxes' form, too")
    void largeMessageWithALongTrace() throws Exception {
        String body = "0123456789abcde\r\n".repeat(1000);
        String trace = "Folded: a\r\n\tb\r\nLong: " + "x".repeat(900) + "\r\nLonger: " + "x".repeat(900) + "\r\n";
        ReversePath sender = new ReversePath(new Address("sender", "b.example"));
        QueueId id;
        try (SpoolFixture fixture = open()) {
            var writer = fixture.spool.newLocalMessage(sender, 1);
            SpoolFixture.get(writer.append(Unpooled.copiedBuffer(body, StandardCharsets.ISO_8859_1))
                    .toCompletableFuture());
            id = writer.id();
            Envelope envelope = Envelope.of(
                    id,
                    sender,
                    List.of(SpoolFixture.local(SpoolFixture.DOUG)),
                    new Arrival(Instant.EPOCH, "ESMTP", "192.0.2.7", null, "client.example", null, null));
            SpoolFixture.get(fixture.acceptor
                    .accept(writer, envelope, Unpooled.copiedBuffer(trace, StandardCharsets.US_ASCII))
                    .toCompletableFuture());
        }
        assertThat(files("spool/incoming")).isEmpty();
        assertThat(folder.resolve("domains/example.org/doug/new/" + id))
                .hasContent("Return-Path: <sender@b.example>\r\n" + trace + body);
    }

    private Object fileKey(String file) throws IOException {
        return Files.readAttributes(folder.resolve(file), BasicFileAttributes.class)
                .fileKey();
    }

    @Test
    @DisplayName("M9: a large message whose mailbox cannot be written becomes a queue file, whole")
    void largeMessageWithoutAMailbox() throws Exception {
        String body = TEXT + "0123456789abcde\r\n".repeat(1000);
        Files.createDirectories(folder.resolve("domains/example.org"));
        Files.writeString(folder.resolve("domains/example.org/doug"), "in the way");
        QueueId id;
        try (SpoolFixture fixture = open()) {
            id = SpoolFixture.get(fixture.accept(body, SpoolFixture.local(SpoolFixture.DOUG)));
            try (StoredMessage opened = SpoolFixture.get(fixture.spool.open(id).toCompletableFuture())) {
                assertThat(text(opened)).endsWith("Trace: x\r\n" + body);
            }
        }
        assertThat(files("spool/incoming")).isEmpty();
        try (SpoolFixture again = open();
                StoredMessage opened = SpoolFixture.get(again.spool.open(id).toCompletableFuture())) {
            assertThat(text(opened)).startsWith("Folded: a").endsWith("Trace: x\r\n" + body);
            assertThat(((LinkableMessage) opened).mailboxFile()).isNull();
            assertThat(opened.state().recipients().get(0).isSettled()).isFalse();
        }
    }

    @Test
    @DisplayName("a large message that is settled leaves no file behind")
    void aSettledLargeMessageLeavesNoFile() throws Exception {
        try (SpoolFixture fixture = open()) {
            QueueId id = SpoolFixture.get(
                    fixture.accept(TEXT + "0123456789abcde\r\n".repeat(1000), SpoolFixture.remote("a@far.example")));
            assertThat(files("spool/incoming")).containsExactly(id.toString());
            MessageState before = fixture.queued.get(0).state();
            RecipientState delivered = new RecipientState(RecipientState.Status.DELIVERED, "mx", "250 ok");
            MessageState state = new MessageState(List.of(delivered), 1, before.nextAttempt(), null, false);
            SpoolFixture.get(fixture.spool.update(id, state).toCompletableFuture());
        }
        assertThat(files("spool/incoming")).isEmpty();
        assertThat(files("spool/queue")).isEmpty();
    }

    @Test
    @DisplayName("M15: one session a maildrop; deletes are one decision; sizes and uids are stable")
    void opensMaildrops() throws Exception {
        try (SpoolFixture fixture = open()) {
            QueueId id = SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.local(SpoolFixture.DOUG)));
            SpoolFixture.get(fixture.accept(TEXT + "more\r\n", SpoolFixture.local(SpoolFixture.DOUG)));
            Files.writeString(folder.resolve("domains/example.org/doug/new/foreign"), "a\nb\r\nc");
            Maildrop first =
                    SpoolFixture.get(fixture.mailboxes.open(SpoolFixture.DOUG).toCompletableFuture());
            assertThat(first.size()).isEqualTo(3);
            List<String> uids = List.of(first.uid(0), first.uid(1), first.uid(2));
            assertThat(uids).contains(id.toString(), "foreign");
            // Each line end counts two, also that of the last line, which the file does not have.
            assertThat(first.octets(uids.indexOf("foreign"))).isEqualTo(9);
            assertThatThrownBy(() -> SpoolFixture.get(
                            fixture.mailboxes.open(SpoolFixture.DOUG).toCompletableFuture()))
                    .hasRootCauseMessage("doug@example.org is in use");
            BitSet two = new BitSet();
            two.set(0);
            two.set(2);
            SpoolFixture.get(first.delete(two).toCompletableFuture());
            first.close();
            Maildrop again =
                    SpoolFixture.get(fixture.mailboxes.open(SpoolFixture.DOUG).toCompletableFuture());
            assertThat(again.size()).isEqualTo(1);
            again.close();
        }
        assertThat(files("domains")).hasSize(1);
    }

    @Test
    void aRegionKeepsTheFileOpenAndThenClosesIt() throws Exception {
        try (SpoolFixture fixture = open()) {
            SpoolFixture.get(fixture.accept(TEXT.repeat(4000), SpoolFixture.local(SpoolFixture.DOUG)));
            Maildrop maildrop =
                    SpoolFixture.get(fixture.mailboxes.open(SpoolFixture.DOUG).toCompletableFuture());
            Maildrop.MaildropMessage message = SpoolFixture.get(maildrop.read(0).toCompletableFuture());
            FileRegion region = message.content().region(0, 5);
            message.close();
            WritableByteChannel out = Channels.newChannel(new ByteArrayOutputStream());
            assertThat(message.content().transferTo(0, 5, out)).isEqualTo(5);
            assertThat(region.release()).isTrue();
            assertThatThrownBy(() -> message.content().transferTo(0, 5, out))
                    .isInstanceOf(ClosedChannelException.class);
            maildrop.close();
        }
    }

    @Test
    @DisplayName("M12: all facts of an envelope are in its queue file")
    void queueFilesHoldTheEnvelope() throws Exception {
        Envelope envelope = new Envelope(
                QueueId.random(),
                new ReversePath(new Address("a b", "b.example")),
                List.of(
                        new Recipient(
                                new Address("x: y", "far.example"),
                                null,
                                new Address("alias", "example.org"),
                                "rfc822;alias@example.org",
                                Set.of(Notify.SUCCESS, Notify.DELAY)),
                        new Recipient(
                                new Address("doug", "example.org"),
                                new MailboxName("example.org", "doug"),
                                null,
                                null,
                                Set.of())),
                new Arrival(
                        SpoolFixture.ARRIVAL,
                        "ESMTPSA",
                        "2001:db8::1",
                        "client.example",
                        "helo",
                        "TLSv1.3",
                        "doug@example.org"),
                BodyType.EIGHT_BIT_MIME,
                true,
                true,
                false,
                "env+2Bid",
                Instant.parse("2026-12-01T00:00:00Z"),
                null);
        QueueFile.Head head = QueueFile.read(QueueFile.write(envelope));
        assertThat(QueueFile.envelope(head)).isEqualTo(envelope);
    }

    @Test
    @DisplayName("M12: a plain queue file without facts, also with LF, is read as it is")
    void readsPlainQueueFiles() throws Exception {
        QueueFile.Head head = QueueFile.read(
                "MAILSERV SENDER FILE\nann\nb.example\nx\nfar.example\ny\nfar.example\n<END>\nSubject: z\n"
                        .getBytes(StandardCharsets.US_ASCII));
        assertThat(head.sender()).hasToString("ann@b.example");
        assertThat(head.recipients()).extracting(Address::toString).containsExactly("x@far.example", "y@far.example");
        assertThatThrownBy(() -> QueueFile.read(
                        "MAILSERV SENDER FILE\r\na\r\nb\r\n<END>\r\n".getBytes(StandardCharsets.US_ASCII)))
                .hasMessageContaining("line 4: no recipient");
    }

    @Test
    void queueIdsAreTextBothWays() {
        for (int i = 0; i < 1000; i++) {
            QueueId id = QueueId.random();
            assertThat(QueueId.parse(id.toString())).isEqualTo(id);
            assertThat(id.toString()).matches("[0-9a-hjkmnp-tv-z]{16}");
        }
        assertThatThrownBy(() -> QueueId.parse("../../etc/passwd")).isInstanceOf(IllegalArgumentException.class);
    }

    private static MessageState sent(MessageState before) {
        RecipientState delivered = new RecipientState(RecipientState.Status.DELIVERED, "mx.far.example", "250 Ok");
        return new MessageState(List.of(delivered), 1, before.nextAttempt(), null, false);
    }

    @Test
    @DisplayName(
            "a small message for other hosts is in memory until it is opened, once; then it comes from the journal")
    void isInMemoryForTheRelay() throws Exception {
        try (SpoolFixture fixture = open()) {
            QueueId id = SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.remote("a@far.example")));
            assertThat(fixture.spool.recentInMemory()).isEqualTo((SpoolFixture.TRACE + TEXT).length());
            for (boolean inMemory : new boolean[] {true, false, false}) {
                CompletableFuture<StoredMessage> opened = fixture.spool.open(id).toCompletableFuture();
                assertThat(!inMemory || opened.isDone()).isTrue();
                try (StoredMessage message = SpoolFixture.get(opened)) {
                    ByteBuf whole = message.content().whole();
                    assertThat(whole != null).isEqualTo(inMemory);
                    if (whole != null) {
                        assertThat(whole.toString(StandardCharsets.ISO_8859_1)).isEqualTo(SpoolFixture.TRACE + TEXT);
                        whole.release();
                    }
                    assertThat(text(message)).isEqualTo(SpoolFixture.TRACE + TEXT);
                    assertThat(message.envelope().id()).isEqualTo(id);
                    assertThat(message.envelope().arrival().clientAddress()).isEqualTo("192.0.2.7");
                    assertThat(message.state()).isEqualTo(MessageState.initial(message.envelope()));
                    ByteArrayOutputStream sent = new ByteArrayOutputStream();
                    FileRegion region =
                            message.content().region(0, message.content().length());
                    region.transferTo(Channels.newChannel(sent), 0);
                    region.release();
                    assertThat(sent.toString(StandardCharsets.ISO_8859_1)).isEqualTo(SpoolFixture.TRACE + TEXT);
                }
                assertThat(fixture.spool.recentInMemory()).isZero();
            }
        }
    }

    @Test
    @DisplayName("what is delivered, settled without being opened, or too much, is not held in memory for the relay")
    void isNotHeldLongerOrBeyondTheLimit() throws Exception {
        try (SpoolFixture fixture = open()) {
            SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.local(SpoolFixture.DOUG)));
            assertThat(fixture.spool.recentInMemory()).isZero();
            QueueId id = SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.remote("a@far.example")));
            Envelope envelope = fixture.queued.get(0).envelope();
            SpoolFixture.get(fixture.spool
                    .update(id, sent(MessageState.initial(envelope)))
                    .toCompletableFuture());
            assertThat(fixture.spool.recentInMemory()).isZero();
            String body = TEXT + "x".repeat(3500);
            List<QueueId> ids = new ArrayList<>();
            for (int i = 0; i < 320; i++) {
                ids.add(SpoolFixture.get(fixture.accept(body, SpoolFixture.remote("a@far.example"))));
            }
            assertThat(fixture.spool.recentInMemory()).isBetween((1L << 20) - 4096, 1L << 20);
            for (QueueId each : ids) {
                try (StoredMessage message =
                        SpoolFixture.get(fixture.spool.open(each).toCompletableFuture())) {
                    assertThat(text(message)).isEqualTo(SpoolFixture.TRACE + body);
                }
            }
            assertThat(fixture.spool.recentInMemory()).isZero();
        }
    }

    @Test
    @DisplayName("where there is no memory for the copy, a message is accepted, queued and retired all the same")
    void isAcceptedWithoutMemoryForTheRelay() throws Exception {
        ByteBufAllocator none = (ByteBufAllocator) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ByteBufAllocator.class}, (proxy, method, arguments) -> {
                    throw new OutOfMemoryError("Cannot reserve direct buffer memory");
                });
        try (SpoolFixture fixture =
                new SpoolFixture(folder, new RealDisk(), Duration.ofMillis(1), true, Duration.ZERO, none)) {
            QueueId id = SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.remote("a@far.example")));
            assertThat(fixture.queued).hasSize(1);
            assertThat(fixture.spool.recentInMemory()).isZero();
            assertThat(fixture.spool.memoryInUse()).isZero();
            await().until(() -> files("spool/queue").size() == 1);
            try (StoredMessage message = SpoolFixture.get(fixture.spool.open(id).toCompletableFuture())) {
                assertThat(text(message)).isEqualTo(SpoolFixture.TRACE + TEXT);
            }
        }
    }

    @Test
    @DisplayName(
            "states gather and share a sync; what somebody waits for takes them along at once, and so does the end")
    void statesGather() throws Exception {
        List<QueueId> ids = new ArrayList<>();
        CompletableFuture<Void> last;
        try (SpoolFixture fixture =
                new SpoolFixture(folder, new RealDisk(), Duration.ofMinutes(1), true, Duration.ofSeconds(1))) {
            for (int i = 0; i < 32; i++) {
                ids.add(SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.remote("a@far.example"))));
            }
            MessageState done = sent(MessageState.initial(fixture.queued.get(0).envelope()));
            long before = fixture.spool.syncs();
            List<CompletableFuture<Void>> updates = new ArrayList<>();
            for (QueueId id : ids.subList(0, 30)) {
                updates.add(fixture.spool.update(id, done).toCompletableFuture());
            }
            updates.forEach(SpoolFixture::get);
            assertThat(fixture.spool.syncs() - before).isLessThanOrEqualTo(2);
            CompletableFuture<Void> along =
                    fixture.spool.update(ids.get(30), done).toCompletableFuture();
            SpoolFixture.get(fixture.accept(TEXT, SpoolFixture.local(SpoolFixture.DOUG)));
            assertThat(along).isCompleted();
            last = fixture.spool.update(ids.get(31), done).toCompletableFuture();
        }
        assertThat(last).isCompleted();
        try (SpoolFixture fixture = open()) {
            assertThat(fixture.recovered).isEmpty();
        }
    }
}
