package org.mailserv.server.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.header.MailDate;
import org.mailserv.codec.smtp.SmtpServerCodec;
import org.mailserv.codec.smtp.SmtpServerLimits;
import org.mailserv.codec.testing.Draws;
import org.mailserv.codec.testing.Homing;
import org.mailserv.codec.testing.SeededRuns;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.dns.ClientNames;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.net.SessionKind;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.net.TrustedGateways;
import org.mailserv.server.sasl.SaslMechanisms;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.testing.FakeAccounts;
import org.mailserv.server.testing.FileMail;
import org.mailserv.server.testing.OpenGuard;

/**
 * Whole sessions, drawn at random, over the real pipeline, spool and mailboxes, against {@link SmtpModel}: each reply, and each octet
 * that is on the disk behind what the server adds. Runs over seeds and the kept corpus in every build, and with {@code JAZZER_FUZZ=1} over
 * what Jazzer finds.
 */
class SmtpModelFuzzTest {
    private static final Instant NOW = Instant.parse("2026-11-20T22:00:00Z");
    private static final int SESSIONS = 3000;
    private static final int SESSIONS_A_SPOOL = 150;

    /** A spool for some sessions, and what has to be on its disk. */
    private static Room room;

    private static final class Room {
        final Homing homing = new Homing();
        final Path folder;
        final FileMail mail;
        final Map<String, SmtpModel.Message> promised = new LinkedHashMap<>();
        int sessions;

        Room() throws Exception {
            folder = Files.createTempDirectory("smtp-model");
            mail = new FileMail(folder, homing);
        }
    }

    @FuzzTest(maxDuration = "2m")
    void session(FuzzedDataProvider data) throws Exception {
        play(bound -> data.consumeInt(0, bound - 1));
    }

    @Test
    @DisplayName(
            "F6, M1, M2, M3, M8: sessions at random are answered as a model answers them, and what is on the disk is what it took")
    void seededSessions() {
        SeededRuns.play(SESSIONS, SmtpModelFuzzTest::play);
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
            // The next session finds a new disk, or it would fail for what this one left.
            room.mail.close();
            delete(room.folder);
            room = null;
            throw e;
        }
        if (++room.sessions == SESSIONS_A_SPOOL) {
            close();
        }
    }

    private static String abridged(String text) {
        return text.length() <= 2000 ? text : text.substring(0, 1000) + "[...]" + text.substring(text.length() - 1000);
    }

    private static void talk(Room room, Draws draws) throws Exception {
        boolean mayRelay = draws.oneIn(2);
        SmtpModel model = new SmtpModel(mayRelay);
        SmtpScript script = new SmtpScript(draws);
        EmbeddedChannel channel = connect(room, mayRelay);
        List<String> queued = new ArrayList<>();
        StringBuilder story = new StringBuilder();
        try {
            assertThat(codes(output(room, channel), queued)).containsExactly(220);
            for (int steps = draws.below(25); steps > 0 && model.mode() != SmtpModel.Mode.CLOSED; steps--) {
                byte[] group = script.next(model);
                story.append("\nC: ").append(abridged(escaped(group)));
                List<Integer> expected = model.write(group);
                send(room, channel, group, model.talkedEarly() ? null : draws);
                String replies = output(room, channel);
                story.append("\nS: ").append(replies);
                assertThat(codes(replies, queued)).as("replies%s", story).isEqualTo(expected);
                assertThat(channel.isOpen()).as("open%s", story).isEqualTo(model.mode() != SmtpModel.Mode.CLOSED);
            }
        } finally {
            channel.finishAndReleaseAll();
            room.homing.runAll();
        }
        assertThat(queued).as("acknowledged%s", story).hasSameSizeAs(model.messages());
        for (int i = 0; i < queued.size(); i++) {
            room.promised.put(queued.get(i), model.messages().get(i));
            check(room.mail, queued.get(i), model.messages().get(i), story);
        }
        checkNothingElse(room);
        if (room.mail.files().memoryInUse() != 0) {
            // A body that is given up is freed on a thread of the spool.
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> room.mail.files().memoryInUse() == 0);
        }
    }

    private static EmbeddedChannel connect(Room room, boolean mayRelay) {
        SmtpConfig config = new SmtpConfigBuilder()
                .maxMessageSize(SmtpModel.MAX_SIZE)
                .maxRecipients(SmtpModel.MAX_RECIPIENTS)
                .hopLimits(SmtpModel.MAX_HOPS, 4)
                .maxErrors(SmtpModel.MAX_ERRORS)
                .build();
        FakeAccounts accounts = new FakeAccounts(room.homing, "doug", "kim");
        SmtpServices services = new SmtpServices(
                "mx.example.org",
                config,
                room.mail.spool(),
                accounts,
                new RecipientRouter(accounts, room.mail.mailboxes(), null),
                room.mail.acceptor(),
                new SaslMechanisms(accounts),
                new OpenGuard(),
                node -> {},
                address -> CompletableFuture.completedFuture(new ClientNames.Answer.None()),
                MessageChecks.NONE,
                SendingLimits.none(),
                new TrustedGateways(10),
                MailEvents.NONE,
                InstantSource.fixed(NOW));
        SmtpServerLimits limits =
                new SmtpServerLimits(SmtpModel.COMMAND_LINE, 12288, 1000, false, SmtpModel.MAX_SIZE, false);
        SmtpServerCodec codec = new SmtpServerCodec(limits);
        EmbeddedChannel channel = new EmbeddedChannel();
        SessionRegistry.Session view = new SessionRegistry().open(SessionKind.SMTP, "192.0.2.7");
        SmtpSession session = new SmtpSession(
                view.id(),
                services,
                SmtpEndpoint.plain(),
                new SmtpPeer("192.0.2.7", mayRelay, false, false, null),
                channel.eventLoop());
        session.connected(NetUtil.createInetAddressFromIpAddressString("192.0.2.7"));
        channel.pipeline().addLast(codec, new SmtpSessionHandler(session, config, codec, view, null));
        channel.pipeline().fireChannelActive();
        return channel;
    }

    /** Cut anywhere, with and without time for answers in between; in one piece where {@code draws} is null. */
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

    private static String output(Room room, EmbeddedChannel channel) {
        settle(room, channel);
        StringBuilder text = new StringBuilder();
        ByteBuf octets;
        while ((octets = channel.readOutbound()) != null) {
            text.append(octets.toString(StandardCharsets.ISO_8859_1));
            octets.release();
        }
        return text.toString();
    }

    private static final Pattern REPLY_LINE = Pattern.compile("([2-5][0-5][0-9])([ -])([ -~]*)");

    /** Codes of replies, each of which has to be well-formed. RFC 5321, 4.2. */
    private static List<Integer> codes(String replies, List<String> queued) {
        List<Integer> codes = new ArrayList<>();
        assertThat(replies.isEmpty() || replies.endsWith("\r\n")).isTrue();
        String before = null;
        for (String line : replies.isEmpty() ? new String[0] : replies.split("\r\n", -1)) {
            if (line.isEmpty()) {
                continue;
            }
            var reply = REPLY_LINE.matcher(line);
            assertThat(reply.matches()).as(line).isTrue();
            assertThat(before == null || before.equals(reply.group(1))).as(line).isTrue();
            before = reply.group(2).equals("-") ? reply.group(1) : null;
            if (before == null) {
                codes.add(Integer.parseInt(reply.group(1)));
            }
            if (line.startsWith("250 2.0.0 Ok: queued as ")) {
                queued.add(line.substring(24));
            }
        }
        assertThat(before).isNull();
        return codes;
    }

    private static void check(FileMail mail, String id, SmtpModel.Message message, CharSequence story)
            throws Exception {
        for (String name : SmtpModel.LOCAL) {
            MailboxName mailbox = new MailboxName(SmtpModel.DOMAIN, name);
            assertThat(mail.names(mailbox).contains(id))
                    .as("%s in %s%s", id, name, story)
                    .isEqualTo(message.mailboxes().contains(name));
            if (message.mailboxes().contains(name)) {
                String returnPath = "Return-Path: <" + message.sender() + ">\r\n";
                byte[] head = returnPath.getBytes(StandardCharsets.UTF_8);
                byte[] octets = mail.octets(mailbox, id);
                assertThat(octets).as("%s%s", id, story).startsWith(head);
                checkContent(Arrays.copyOfRange(octets, head.length, octets.length), id, message, true, story);
            }
        }
        if (!message.remote().isEmpty()) {
            try (StoredMessage stored =
                    mail.files().open(QueueId.parse(id)).toCompletableFuture().get()) {
                assertThat(stored.envelope().sender().toString()).isEqualTo(message.sender());
                assertThat(remote(stored.envelope().recipients())).isEqualTo(message.remote());
                ByteArrayOutputStream octets = new ByteArrayOutputStream();
                long length = stored.content().length();
                for (long at = 0; at < length; ) {
                    at += stored.content().transferTo(at, length - at, Channels.newChannel(octets));
                }
                checkContent(octets.toByteArray(), id, message, false, story);
            }
        }
    }

    private static Set<String> remote(List<Recipient> recipients) {
        return recipients.stream()
                .filter(recipient -> !recipient.isLocal())
                .map(recipient -> recipient.address().toString())
                .collect(Collectors.toSet());
    }

    /** One Received field with its three or four lines, and behind it exactly what was sent. */
    private static void checkContent(
            byte[] octets, String id, SmtpModel.Message message, boolean inMailbox, CharSequence story) {
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        String date = ";\r\n\t" + MailDate.format(NOW, ZoneId.systemDefault()) + "\r\n";
        int end = text.indexOf(date) + date.length();
        assertThat(text.substring(0, end).replaceAll("[^\r\n]", ""))
                .as("trace of %s%s", id, story)
                .matches("(\r\n){3,4}");
        assertThat(text).startsWith("Received: from ").contains("(mailserv) with " + message.protocol() + " id " + id);
        String content = text.substring(end);
        String sent = new String(message.content(), StandardCharsets.ISO_8859_1);
        // A first line that would go on with our field is the beginning of the body.
        String separator = sent.startsWith(" ") || sent.startsWith("\t") ? "\r\n" : "";
        // The file of a mailbox ends in CRLF, also where a chunk ended otherwise.
        String lineEnd =
                !inMailbox || sent.isEmpty() || sent.endsWith("\r\n") ? "" : sent.endsWith("\r") ? "\n" : "\r\n";
        assertThat(content).as("content of %s%s", id, story).isEqualTo(separator + sent + lineEnd);
    }

    private static void checkNothingElse(Room room) {
        for (String name : SmtpModel.LOCAL) {
            assertThat(room.mail.names(new MailboxName(SmtpModel.DOMAIN, name))).isEqualTo(promisedTo(room, name));
        }
    }

    private static Set<String> promisedTo(Room room, String name) {
        return room.promised.entrySet().stream()
                .filter(entry -> entry.getValue().mailboxes().contains(name))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static Set<String> promisedElsewhere(Room room) {
        return room.promised.entrySet().stream()
                .filter(entry -> !entry.getValue().remote().isEmpty())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Stops, looks at the files, and starts again: the same messages, and no octet besides. */
    private static void close() throws Exception {
        Room left = room;
        room = null;
        left.mail.close();
        try {
            assertThat(left.mail.below("spool/incoming")).isEmpty();
            try (FileMail again = new FileMail(left.folder, left.homing)) {
                Set<String> waiting = new HashSet<>();
                for (QueuedMessage message : again.recovered()) {
                    waiting.add(message.id().toString());
                }
                assertThat(waiting).isEqualTo(promisedElsewhere(left));
                for (Map.Entry<String, SmtpModel.Message> entry : left.promised.entrySet()) {
                    check(again, entry.getKey(), entry.getValue(), "");
                }
            }
            checkNothingElse(left);
        } finally {
            delete(left.folder);
        }
    }

    private static void delete(Path folder) throws Exception {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws java.io.IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path done, java.io.IOException e) throws java.io.IOException {
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
