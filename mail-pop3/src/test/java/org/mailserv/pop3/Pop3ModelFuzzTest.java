package org.mailserv.pop3;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.pop3.Pop3ServerCodec;
import org.mailserv.codec.testing.Draws;
import org.mailserv.codec.testing.Homing;
import org.mailserv.codec.testing.SeededRuns;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.sasl.SaslMechanisms;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.testing.FakeAccounts;
import org.mailserv.server.testing.FileMail;
import org.mailserv.server.testing.OpenGuard;

/**
 * Compares the server with {@link Pop3Model} in random sessions: two concurrent clients on one mailbox, and mail
 * arriving in between, over the real pipeline and the real mailboxes. Every octet of the replies and the remaining
 * files must match. Runs over seeds and the stored corpus in every build, and with {@code JAZZER_FUZZ=1} over
 * Jazzer's inputs.
 */
class Pop3ModelFuzzTest {
    private static final MailboxName DOUG = new MailboxName(FakeAccounts.DOMAIN, Pop3Model.NAME);
    private static final int SESSIONS = 300;
    private static final int ROUNDS_A_SPOOL = 100;
    private static final int MOST_MESSAGES = 12;

    /** A mailbox used for several rounds, and its expected content. */
    private static Room room;

    private static final class Room {
        final Homing homing = new Homing();
        final Path folder;
        final FileMail mail;
        final Pop3Model.Mailbox mailbox = new Pop3Model.Mailbox(new LinkedHashMap<>());
        final List<String> order = new ArrayList<>();
        int rounds;

        Room() throws Exception {
            folder = Files.createTempDirectory("pop3-model");
            mail = new FileMail(folder, homing);
        }
    }

    /** A connection with its commands and expected replies. */
    private static final class Client {
        final EmbeddedChannel channel;
        final Pop3Model model;
        final String digest;
        boolean ordered;

        Client(EmbeddedChannel channel, Pop3Model model, String digest) {
            this.channel = channel;
            this.model = model;
            this.digest = digest;
        }
    }

    @FuzzTest(maxDuration = "2m")
    void sessions(FuzzedDataProvider data) throws Exception {
        play(bound -> data.consumeInt(0, bound - 1));
    }

    @Test
    @DisplayName("M11, M15: random sessions get the replies of a model and leave the files that it predicts")
    void seededSessions() {
        SeededRuns.play(SESSIONS, Pop3ModelFuzzTest::play);
    }

    @AfterEach
    void leave() throws Exception {
        if (room != null) {
            close();
        }
    }

    private static void play(Draws draws) throws Exception {
        if (room == null) {
            room = new Room();
        }
        try {
            talk(room, draws);
        } catch (Exception | AssertionError e) {
            // The next round starts with a new disk, so that it does not fail because of this one.
            room.mail.close();
            delete(room.folder);
            room = null;
            throw e;
        }
        if (++room.rounds == ROUNDS_A_SPOOL) {
            close();
        }
    }

    private static void talk(Room room, Draws draws) throws Exception {
        StringBuilder story = new StringBuilder();
        Client[] clients = new Client[2];
        try {
            for (int i = draws.below(4); i > 0; i--) {
                arrive(room, draws, story);
            }
            for (int steps = draws.below(40); steps > 0; steps--) {
                int which = draws.below(3) / 2;
                Client client = clients[which];
                if (draws.oneIn(12)) {
                    arrive(room, draws, story);
                } else if (client == null) {
                    clients[which] = connect(room, draws);
                    story.append("\n").append(which).append(" connects");
                } else if (draws.oneIn(25)) {
                    story.append("\n").append(which).append(" is gone");
                    gone(room, client);
                    clients[which] = null;
                } else {
                    story.append("\n").append(which).append(": ");
                    say(room, client, draws, story);
                    clients[which] = client.model.isClosed() ? null : client;
                }
            }
        } finally {
            for (Client client : clients) {
                if (client != null) {
                    gone(room, client);
                }
            }
        }
        assertThat(room.mail.names(DOUG)).as("on the disk%s", story).isEqualTo(room.mailbox.messages.keySet());
    }

    private static void gone(Room room, Client client) {
        client.channel.finishAndReleaseAll();
        room.homing.runAll();
        client.channel.finishAndReleaseAll();
        client.model.disconnect();
    }

    private static void arrive(Room room, Draws draws, StringBuilder story) {
        if (room.mailbox.messages.size() >= MOST_MESSAGES) {
            return;
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int i = draws.below(7); i > 0; i--) {
            switch (draws.below(5)) {
                case 0 -> text.writeBytes(draws.octets(50));
                case 1 -> write(text, draws.of(".", "..", ".x", "") + "\r\n");
                case 2 -> write(text, "x".repeat(draws.below(3000)) + draws.of("\r\n", "\n", "", "\r\r\n"));
                case 3 -> write(text, draws.oneIn(8) ? "y".repeat(60_000 + draws.below(20_000)) : "\r\n");
                default -> write(text, "Subject: x\r\n");
            }
        }
        byte[] octets = text.toByteArray();
        MessageWriter writer = room.mail.spool().newMessage(1);
        writer.append(Unpooled.wrappedBuffer(octets));
        room.homing.runAll();
        Envelope envelope = Envelope.of(
                writer.id(),
                new ReversePath(new Address("a", "b.example")),
                List.of(Recipient.local(DOUG.address(), DOUG)),
                new Arrival(Instant.EPOCH, "ESMTP", "192.0.2.7", null, "client.example", null, null));
        room.mail.acceptor().accept(writer, envelope, Unpooled.EMPTY_BUFFER).toCompletableFuture();
        room.homing.runAll();
        String id = writer.id().toString();
        story.append("\nmail ").append(id).append(": ").append(escaped(octets));
        String whole = "Return-Path: <a@b.example>\r\n" + new String(octets, StandardCharsets.ISO_8859_1);
        // A bare LF received by BDAT is part of the content. The mailbox file always ends in CRLF.
        String lineEnd = whole.endsWith("\r\n") ? "" : whole.endsWith("\r") ? "\n" : "\r\n";
        room.mailbox.messages.put(id, (whole + lineEnd).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void write(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Client connect(Room room, Draws draws) throws Exception {
        FakeAccounts accounts = new FakeAccounts(room.homing, Pop3Model.NAME);
        Pop3Config config = new Pop3Config(
                Duration.ofMinutes(10),
                Duration.ofMinutes(2),
                Pop3Model.MAX_ERRORS,
                Pop3Model.MAX_FAILED_LOGINS,
                Duration.ZERO,
                "mailserv");
        Pop3Login login = new Pop3Login(
                new Pop3Login.Services(
                        config,
                        accounts,
                        room.mail.mailboxes(),
                        new OpenGuard(),
                        new SaslMechanisms(accounts),
                        MailEvents.NONE),
                new Pop3Peer("192.0.2.7", true, false),
                "pop.example.org",
                false,
                false);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline()
                .addLast(
                        new Pop3ServerCodec(),
                        new Pop3SessionHandler(
                                new Pop3Session("s", config, login, channel.eventLoop()),
                                config,
                                room.homing,
                                draws.oneIn(2),
                                c -> {},
                                c -> {}));
        channel.pipeline().fireChannelActive();
        String greeting = new String(output(room, channel), StandardCharsets.US_ASCII);
        assertThat(greeting).startsWith("+OK ").endsWith(">\r\n");
        String timestamp = greeting.substring(greeting.indexOf('<'), greeting.length() - 2);
        String digest = HexFormat.of()
                .formatHex(MessageDigest.getInstance("MD5")
                        .digest((timestamp + Pop3Model.PASSWORD).getBytes(StandardCharsets.US_ASCII)));
        return new Client(channel, new Pop3Model(room.mailbox, digest), digest);
    }

    private static void say(Room room, Client client, Draws draws, StringBuilder story) throws Exception {
        List<String> lines = new ArrayList<>();
        boolean login = !client.model.isOpen() && draws.oneIn(2);
        if (login) {
            // Sent alone, because the order of the messages must be learned after it.
            lines.addAll(draws.oneIn(3) ? List.of("APOP doug " + client.digest) : List.of("USER doug", "PASS secret"));
        } else {
            for (int i = client.model.isOpen() ? draws.below(4) : 0; i >= 0; i--) {
                lines.add(line(client, draws));
            }
        }
        ByteArrayOutputStream group = new ByteArrayOutputStream();
        List<Pop3Model.Answer> expected = new ArrayList<>();
        for (String line : lines) {
            write(group, line + "\r\n");
            if (!client.model.isClosed()) {
                expected.add(client.model.answer(line));
            }
        }
        story.append(escaped(group.toByteArray()));
        send(room, client.channel, group.toByteArray(), draws);
        byte[] replies = output(room, client.channel);
        compare(replies, expected, story);
        assertThat(client.channel.isOpen()).as("open%s", story).isEqualTo(!client.model.isClosed());
        if (client.model.isOpen() && !client.ordered) {
            client.ordered = true;
            learnOrder(room, client, story);
        }
    }

    private static String line(Client client, Draws draws) {
        String number = Integer.toString(draws.below(client.model.size() + 2));
        if (!client.model.isOpen()) {
            return switch (draws.below(8)) {
                case 0 -> draws.of("USER doug", "USER Doug@example.org", "USER nobody", "USER", "user doug ");
                case 1 -> draws.of("PASS wrong", "PASS", "PASS secret ", "PASS  secret");
                case 2 ->
                    "APOP " + draws.of("doug", "nobody") + " "
                            + draws.of("0123456789abcdef0123456789abcdef", "x", client.digest + "0");
                case 3 -> draws.of("STAT", "LIST", "RETR 1", "DELE 1", "RSET", "NOOP", "TOP 1 0");
                case 4 -> draws.of("QUIT", "QUIT x", "FOO", "", " ");
                case 5 -> "x".repeat(Pop3Model.COMMAND_LINE - 6 + draws.below(10));
                case 6 -> draws.of("a\rb", "NO\0OP", "\u00ff\u00fe", "\t");
                default -> draws.of("XTND", "STAT 1");
            };
        }
        return switch (draws.below(16)) {
            case 0 -> "STAT";
            case 1 -> draws.of("LIST", "LIST " + number, "list  " + number + " ");
            case 2 -> draws.of("UIDL", "UIDL " + number);
            case 3, 4, 5 -> "RETR " + number;
            case 6, 7 -> "TOP " + number + " " + draws.of("0", "1", "2", "9999");
            case 8, 9 -> "DELE " + number;
            case 10 -> draws.oneIn(3) ? "RSET" : "NOOP";
            case 11 -> draws.oneIn(2) ? "QUIT" : "NOOP";
            case 12 -> draws.of("RETR", "RETR x", "TOP 1", "TOP 1 -1", "DELE 0", "LIST 99999999999999999999", "STAT 1");
            case 13 -> draws.of("USER doug", "PASS secret", "FOO", "a\rb", "LIST -1", "QUIT x");
            default -> "RETR " + Math.max(1, client.model.size() - 1);
        };
    }

    private static void learnOrder(Room room, Client client, StringBuilder story) throws Exception {
        send(room, client.channel, "UIDL\r\n".getBytes(StandardCharsets.US_ASCII), null);
        String[] lines = new String(output(room, client.channel), StandardCharsets.US_ASCII).split("\r\n");
        List<String> uids = new ArrayList<>();
        for (int i = 1; i < lines.length - 1; i++) {
            assertThat(lines[i]).startsWith(i + " ");
            uids.add(lines[i].substring(lines[i].indexOf(' ') + 1));
        }
        assertThat(uids).as("unique ids%s", story).containsExactlyInAnyOrderElementsOf(room.mailbox.messages.keySet());
        // The relative order seen by an earlier session is preserved.
        List<String> known = new ArrayList<>(room.order);
        known.retainAll(uids);
        List<String> again = new ArrayList<>(uids);
        again.retainAll(known);
        assertThat(again).as("order%s", story).isEqualTo(known);
        room.order.clear();
        room.order.addAll(uids);
        client.model.order(uids);
    }

    private static void compare(byte[] replies, List<Pop3Model.Answer> expected, StringBuilder story) {
        String left = new String(replies, StandardCharsets.ISO_8859_1);
        story.append("\nS: ").append(escaped(replies));
        for (Pop3Model.Answer answer : expected) {
            int end = left.indexOf("\r\n");
            assertThat(end).as("a reply%s", story).isPositive();
            String status = left.substring(0, end);
            assertThat(status).as("a reply%s", story).matches("(\\+OK|-ERR)( [ -~]*)?");
            assertThat(status.startsWith("+OK")).as("\"%s\"%s", status, story).isEqualTo(answer.ok());
            if (answer.text() != null) {
                assertThat(status).as("%s", story).isEqualTo("+OK " + answer.text());
            }
            left = left.substring(end + 2);
            if (answer.body() != null) {
                String body = new String(answer.body(), StandardCharsets.ISO_8859_1);
                String came = left.substring(0, Math.min(left.length(), body.length()));
                assertThat(came).as("body%s", story).isEqualTo(body);
                left = left.substring(body.length());
            }
        }
        assertThat(left).as("more than expected%s", story).isEmpty();
    }

    /**
     * Sends a group split anywhere, with and without time for answers in between; as a whole if {@code draws} is
     * null.
     */
    private static void send(Room room, EmbeddedChannel channel, byte[] group, Draws draws) {
        int cuts = draws == null ? 0 : draws.below(4);
        int from = 0;
        for (int i = 0; i <= cuts && from < group.length && channel.isOpen(); i++) {
            int to = i == cuts ? group.length : from + draws.below(group.length - from) + 1;
            channel.writeInbound(Unpooled.copiedBuffer(group, from, to - from));
            if (draws != null && draws.oneIn(2)) {
                settle(room, channel);
            }
            from = to;
        }
    }

    private static void settle(Room room, EmbeddedChannel channel) {
        do {
            room.homing.runAll();
            channel.runPendingTasks();
        } while (room.homing.isBusy());
        channel.checkException();
    }

    private static byte[] output(Room room, EmbeddedChannel channel) throws IOException {
        settle(room, channel);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Object message;
        while ((message = channel.readOutbound()) != null) {
            if (message instanceof FileRegion region) {
                while (region.transferred() < region.count()) {
                    region.transferTo(Channels.newChannel(out), region.transferred());
                }
                region.release();
            } else {
                ByteBuf octets = (ByteBuf) message;
                octets.readBytes(out, octets.readableBytes());
                octets.release();
            }
        }
        return out.toByteArray();
    }

    /** Restarts the mailbox: deleted messages do not reappear, and all others are unchanged. */
    private static void close() throws Exception {
        Room left = room;
        room = null;
        left.mail.close();
        try (FileMail again = new FileMail(left.folder, left.homing)) {
            assertThat(again.names(DOUG)).isEqualTo(left.mailbox.messages.keySet());
            for (Map.Entry<String, byte[]> message : left.mailbox.messages.entrySet()) {
                assertThat(again.octets(DOUG, message.getKey())).isEqualTo(message.getValue());
            }
        } finally {
            delete(left.folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path done, IOException e) throws IOException {
                Files.delete(done);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static String escaped(byte[] octets) {
        StringBuilder text = new StringBuilder();
        for (byte octet : octets) {
            if (octet >= ' ' && octet < 127 && octet != '\\') {
                text.append((char) octet);
            } else {
                text.append(octet == '\r' ? "\\r" : octet == '\n' ? "\\n" : String.format("\\x%02x", octet));
            }
        }
        return text.toString();
    }
}
