package org.mailserv.server.spool.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;

/** The form, the size and the place of a message in a mailbox, as POP3 sees it. */
class LocalDeliveryTest {
    private static final String RETURN_PATH = "Return-Path: <sender@b.example>\r\n";
    // Beyond the inline limit of the fixture: such a message has its own file from the beginning.
    private static final String LARGE = "0123456789abcde\r\n".repeat(1000);

    @TempDir
    Path folder;

    private SpoolFixture open() throws Exception {
        return new SpoolFixture(folder, new RealDisk(), Duration.ofMinutes(1));
    }

    private Path inbox(String part) {
        return folder.resolve("domains/example.org/doug").resolve(part);
    }

    private static Maildrop maildrop(SpoolFixture fixture) {
        return SpoolFixture.get(fixture.mailboxes.open(SpoolFixture.DOUG).toCompletableFuture());
    }

    private static String content(Maildrop maildrop, int index) throws Exception {
        try (Maildrop.MaildropMessage message =
                SpoolFixture.get(maildrop.read(index).toCompletableFuture())) {
            ByteBuffer octets = ByteBuffer.allocate((int) message.content().length());
            message.content().read(0, octets);
            return new String(octets.array(), ISO_8859_1);
        }
    }

    /** Looks at every message: what is sent is as long as what is said, and ends a line. */
    private static List<String> contents(SpoolFixture fixture) throws Exception {
        List<String> contents = new ArrayList<>();
        try (Maildrop maildrop = maildrop(fixture)) {
            for (int i = 0; i < maildrop.size(); i++) {
                String content = content(maildrop, i);
                assertThat(maildrop.octets(i)).isEqualTo(content.length());
                assertThat(content).matches("(?s)|.*\r\n");
                contents.add(content);
            }
        }
        return contents;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Return-Path: <forged@x.test>\r\nSubject: x\r\n\r\n",
                "Subject: x\r\nReturn-Path: <forged@x.test>\r\n\r\n",
                "RETURN-PATH: <a@x.test>\r\nSubject: x\r\nreturn-path: <b@x.test>\r\n\r\n",
                "Return-Path:\r\n\t<forged@x.test>\r\n (folded)\r\nSubject: x\r\n\r\n",
                "Return-Path \t: <forged@x.test>\r\nSubject: x\r\n\r\n",
                "Return-path: a\r\nReturn-path: b\r\nReturn-path: c\r\nSubject: x\r\n\r\n",
            })
    @DisplayName("a Return-Path that came with the message is taken out, in any form, from small and large ones")
    void removesForeignReturnPaths(String header) throws Exception {
        try (SpoolFixture fixture = open()) {
            for (String body : List.of("text\r\n", LARGE)) {
                SpoolFixture.get(fixture.accept(
                        header + body, SpoolFixture.local(SpoolFixture.DOUG), SpoolFixture.local(SpoolFixture.KIM)));
            }
            for (String content : contents(fixture)) {
                assertThat(content.replaceAll(" +\tb|\t +b", "\tb"))
                        .startsWith(RETURN_PATH + "Folded: ")
                        .contains("\r\nTrace: x\r\nSubject: x\r\n\r\n")
                        .doesNotContain("forged", "<a@", "<b@");
                assertThat(content.toLowerCase(Locale.ROOT).split("return-path"))
                        .hasSize(2);
            }
        }
    }

    @Test
    @DisplayName("names that are only alike, and the body, stay as they are")
    void keepsTheRest() throws Exception {
        String text = "Return-Path-Old: a\r\nX-Return-Path: b\r\nReturn-Pat: c\r\nSubject: x\r\n return-path: d\r\n\r\n"
                + "Return-Path: <in@the.body>\r\n";
        try (SpoolFixture fixture = open()) {
            SpoolFixture.get(fixture.accept(text, SpoolFixture.local(SpoolFixture.DOUG)));
            SpoolFixture.get(fixture.accept("no header\r\nReturn-Path: x\r\n", SpoolFixture.local(SpoolFixture.DOUG)));
            assertThat(contents(fixture))
                    .containsExactly(
                            RETURN_PATH + SpoolFixture.TRACE + text,
                            RETURN_PATH + SpoolFixture.TRACE + "no header\r\nReturn-Path: x\r\n");
        }
    }

    @Test
    @DisplayName("a message that is relayed keeps the Return-Path that it came with")
    void relaysAsItCame() throws Exception {
        try (SpoolFixture fixture = open()) {
            SpoolFixture.get(fixture.accept("Return-Path: <x@y.test>\r\n\r\n", SpoolFixture.remote("a@far.example")));
        }
        try (Stream<Path> files = Files.walk(folder.resolve("spool/queue"))) {
            Path file = files.filter(Files::isRegularFile).findFirst().orElseThrow();
            assertThat(Files.readString(file)).endsWith(SpoolFixture.TRACE + "Return-Path: <x@y.test>\r\n\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "x\r", "x\n", "\r\n", "x\r\n"})
    @DisplayName("content that ends within a line has its CRLF in the mailbox, and in its size")
    void completesTheLastLine(String end) throws Exception {
        try (SpoolFixture fixture = open()) {
            for (String body : List.of("text\r\n", LARGE)) {
                SpoolFixture.get(fixture.accept("A: b\r\n\r\n" + body + end, SpoolFixture.local(SpoolFixture.DOUG)));
            }
            assertThat(contents(fixture)).hasSize(2).allMatch(content -> content.contains("A: b\r\n\r\n"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "\n", "\r", "a\r", "a\n", "a\r\n", "a\nb\r\nc", "a\n\n.b\n", "\r\r\n\n\r"})
    @DisplayName("a file of another program is sent with CRLF, and its size says so")
    void convertsForeignFiles(String text) throws Exception {
        try (SpoolFixture fixture = open()) {
            SpoolFixture.get(fixture.accept("A: b\r\n\r\n", SpoolFixture.local(SpoolFixture.DOUG)));
            Files.writeString(inbox("new").resolve("1600000001.M1P1.host"), text);
            // Named as ours were before they held their order.
            Files.writeString(inbox("cur").resolve("0123456789abcdef:2,S"), text + LARGE.repeat(5) + text);
            assertThat(contents(fixture)).hasSize(3).noneMatch(content -> content.matches("(?s).*(?<!\r)\n.*"));
        }
    }

    @Test
    @DisplayName("messages are numbered as they came, also after a copy that lost the times of the files")
    void keepsTheOrderOfArrival() throws Exception {
        List<String> expected = new ArrayList<>();
        try (SpoolFixture fixture = open()) {
            List<CompletableFuture<QueueId>> accepted = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                String body = i % 50 == 7 ? LARGE : "text\r\n";
                accepted.add(fixture.accept("N: " + i + "\r\n\r\n" + body, SpoolFixture.local(SpoolFixture.DOUG)));
            }
            for (CompletableFuture<QueueId> one : accepted) {
                expected.add(SpoolFixture.get(one).toString());
            }
            assertThat(uids(fixture)).isEqualTo(expected);
        }
        try (Stream<Path> files = Files.list(inbox("new"))) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
            }
        }
        try (SpoolFixture again = open()) {
            assertThat(uids(again)).isEqualTo(expected);
            SpoolFixture.get(again.accept("A: last\r\n\r\n", SpoolFixture.local(SpoolFixture.DOUG)));
            assertThat(uids(again)).startsWith(expected.toArray(String[]::new)).hasSize(301);
        }
    }

    private static List<String> uids(SpoolFixture fixture) {
        try (Maildrop maildrop = maildrop(fixture)) {
            return IntStream.range(0, maildrop.size()).mapToObj(maildrop::uid).toList();
        }
    }

    @Test
    @DisplayName("a large message that began earlier and ended later comes after the small one")
    void arrivesWhenItEnds() throws Exception {
        try (SpoolFixture fixture = open()) {
            MessageWriter writer = fixture.spool.newLocalMessage(ReversePath.NULL, 1);
            SpoolFixture.get(
                    writer.append(Unpooled.copiedBuffer(LARGE, ISO_8859_1)).toCompletableFuture());
            QueueId small = SpoolFixture.get(fixture.accept("A: b\r\n\r\n", SpoolFixture.local(SpoolFixture.DOUG)));
            assertThat(SpoolFixture.IDS.microsOf(writer.id())).isGreaterThan(SpoolFixture.IDS.microsOf(small));
            writer.abort();
        }
        try (Stream<Path> files = Files.list(folder.resolve("spool/incoming"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    @DisplayName("file names that are not UTF-8 are served, and deleted, as any other")
    void servesEveryName() throws Exception {
        try (SpoolFixture fixture = open()) {
            SpoolFixture.get(fixture.accept("A: b\r\n\r\n", SpoolFixture.local(SpoolFixture.DOUG)));
            String latin = FileNames.text("160.gr\u00fcn".getBytes(ISO_8859_1));
            Files.writeString(FileNames.resolve(inbox("new"), latin), "Subject: latin\n\n");
            Files.writeString(FileNames.resolve(inbox("cur"), "161.\u0436:2,S"), "Subject: zhe\n\n");
            assertThat(contents(fixture)).hasSize(3).contains("Subject: latin\r\n\r\n", "Subject: zhe\r\n\r\n");
            try (Maildrop maildrop = maildrop(fixture)) {
                BitSet all = new BitSet();
                all.set(0, 3);
                SpoolFixture.get(maildrop.delete(all).toCompletableFuture());
            }
            assertThat(contents(fixture)).isEmpty();
        }
        assertThat(new RealDisk().list(inbox("new"))).isEmpty();
        assertThat(new RealDisk().list(inbox("cur"))).isEmpty();
    }
}
