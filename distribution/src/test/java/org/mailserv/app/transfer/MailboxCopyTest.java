package org.mailserv.app.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.cluster.MailboxCopies;
import org.mailserv.server.cluster.memory.MemoryTables;
import org.mailserv.server.cluster.memory.Network;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.mailbox.maildir.MaildirName;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SealedIds;

@DisplayName("Mailboxes go from files into a shared store and back")
class MailboxCopyTest {
    private static final MailboxName KIM = new MailboxName("sample.org", "kim");
    private static final OwnerOfData.Owner NOBODY = new OwnerOfData.Owner(-1, -1);

    @TempDir
    Path folder;

    private final MemoryTables tables = new MemoryTables(System::currentTimeMillis);
    private SealedIds ids;
    private QueueId own;
    private QueueId large;
    /** Requests until the store fails. */
    private int left = Integer.MAX_VALUE;

    private final class Failing implements Network {
        @Override
        public <T> CompletionStage<T> call(Kind kind, String name, Supplier<T> request) {
            return left-- <= 0
                    ? CompletableFuture.failedFuture(new IOException("no quorum"))
                    : CompletableFuture.completedFuture(request.get());
        }
    }

    @BeforeEach
    void makeKey() throws IOException {
        ids = new SealedIds(SealedIds.keyIn(folder.resolve("key"), new RealDisk()), InstantSource.system());
        own = ids.at(1_700_000_000_000_000L);
        large = ids.at(1_700_000_003_000_000L);
    }

    private MailboxCopies shared() {
        return new MailboxCopies(tables.through(new Failing()));
    }

    private MailboxCopy copy() {
        return new MailboxCopy(shared(), new RealDisk(), ids, count -> {});
    }

    /** Writes a message file with a time of its own. */
    private void file(String part, String name, String text, int second) throws IOException {
        Path file = Files.createDirectories(folder.resolve("kim").resolve(part)).resolve(name);
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000 + second)));
    }

    private void mailbox() throws IOException {
        file("new", own.toString(), "Subject: own\r\n\r\n1\r\n", 9);
        file(
                "cur",
                MaildirName.withUid(ids.at(1_700_000_001_000_000L), "UID1-2") + ":2,S",
                "Subject: kept\r\n\r\n2\r\n",
                9);
        file("cur", "1700000002.M1P1.other:2,S", "Subject: foreign\n\n3\nno end", 2);
        file("new", large.toString(), "Subject: large\r\n\r\n" + "x".repeat(600_000) + "\r\n", 3);
        file(".Junk/new", ids.at(1_700_000_004_000_000L).toString(), "Subject: junk\r\n\r\n4\r\n", 4);
    }

    private List<String> inShared(String part) throws IOException {
        List<String> all = new ArrayList<>();
        for (MailboxCopies.Entry entry : shared().list(KIM, part)) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            shared().read(entry, Channels.newChannel(text));
            assertThat(text.size()).isEqualTo((int) entry.octets());
            all.add(entry.uid() + " " + text.toString(StandardCharsets.UTF_8).length() + " "
                    + text.toString(StandardCharsets.UTF_8).lines().findFirst().orElse(""));
        }
        return all;
    }

    @Test
    @DisplayName("order, unique ids and octets stay, into another folder too")
    void thereAndBack() throws Exception {
        mailbox();
        MailboxCopy there = copy();
        there.toShared(KIM, folder.resolve("kim"));
        assertThat(there.problems()).isEmpty();
        assertThat(there.copied()).isEqualTo(5);
        assertThat(inShared(""))
                .containsExactly(
                        own + " 19 Subject: own",
                        "UID1-2 20 Subject: kept",
                        "1700000002.M1P1.other 31 Subject: foreign",
                        large + " 600020 Subject: large");
        assertThat(inShared("Junk")).hasSize(1);
        MailboxCopy back = copy();
        back.toFiles(KIM, folder.resolve("other"), NOBODY);
        assertThat(back.problems()).isEmpty();
        assertThat(back.copied()).isEqualTo(5);
        MailboxCopy again = copy();
        again.toFiles(KIM, folder.resolve("other"), NOBODY);
        again.toFiles(KIM, folder.resolve("kim"), NOBODY);
        assertThat(again.copied()).isZero();
        assertThat(again.present()).isEqualTo(10);
        List<String> uids = new ArrayList<>();
        for (MailboxExport.Message message : new MailboxExport(
                        folder.resolve("other"), new RealDisk(), ids, count -> {})
                .messages(folder.resolve("other"))) {
            uids.add(MaildirName.uid(message.name()));
        }
        assertThat(uids)
                .containsExactlyElementsOf(
                        inShared("").stream().map(line -> line.split(" ")[0]).toList());
    }

    @Test
    @DisplayName("a copy that fails at any request is completed by the next one, and nothing is twice")
    void interrupted() throws Exception {
        mailbox();
        int failures = 0;
        for (int requests = 0; ; requests++) {
            left = requests;
            try {
                copy().toShared(KIM, folder.resolve("kim"));
                break;
            } catch (IOException e) {
                failures++;
            } finally {
                left = Integer.MAX_VALUE;
            }
        }
        assertThat(failures).isGreaterThan(10);
        assertThat(inShared("")).hasSize(4);
        MailboxCopy last = copy();
        last.toShared(KIM, folder.resolve("kim"));
        assertThat(last.problems()).isEmpty();
        assertThat(last.present()).isEqualTo(5);
        left = 20;
        assertThatThrownBy(() -> copy().toFiles(KIM, folder.resolve("other"), NOBODY))
                .isInstanceOf(IOException.class);
        left = Integer.MAX_VALUE;
        MailboxCopy back = copy();
        back.toFiles(KIM, folder.resolve("other"), NOBODY);
        assertThat(back.problems()).isEmpty();
        try (Stream<Path> files = Files.list(folder.resolve("other/new"))) {
            assertThat(files).hasSize(4);
        }
    }

    @Test
    @DisplayName("a message that differs or is missing afterwards is reported, and so is a folder that stays behind")
    void problems() throws Exception {
        mailbox();
        file(".Sent/cur", "1700000009.other", "x\n", 1);
        MailboxCopies shared = shared();
        shared.add(
                KIM,
                "",
                own,
                1_700_000_000_000_000L,
                null,
                new ByteArrayInputStream("Subject: forged\r\n".getBytes(StandardCharsets.UTF_8)));
        MailboxCopy copy = copy();
        copy.toShared(KIM, folder.resolve("kim"));
        assertThat(copy.problems()).hasSize(2);
        assertThat(copy.problems()).anyMatch(line -> line.contains("differs after the copy"));
        assertThat(copy.problems()).anyMatch(line -> line.contains(".Sent: not copied"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a,b,     | a;b;
            a;b;     | a;b;
            a        | a;
            a:       | a;
            ,,       | ;;
            a:b      | a:b;
            """)
    @DisplayName("line ends become CRLF")
    void lineEnds(String given, String expected) throws IOException {
        String text = given.strip().replace(";", "\r\n").replace(',', '\n').replace(':', '\r');
        try (CrlfInput in = new CrlfInput(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(expected.strip().replace(";", "\r\n").replace(':', '\r'));
        }
    }
}
