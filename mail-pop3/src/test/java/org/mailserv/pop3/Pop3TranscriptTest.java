package org.mailserv.pop3;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.pop3.Pop3ServerCodec;
import org.mailserv.codec.testing.Later;
import org.mailserv.codec.testing.Transcript;
import org.mailserv.codec.testing.TranscriptRunner;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.net.DrainEvent;
import org.mailserv.server.sasl.SaslMechanisms;
import org.mailserv.server.testing.FakeAccounts;
import org.mailserv.server.testing.InMemoryMailboxes;
import org.mailserv.server.testing.OpenGuard;

/** Runs whole sessions over the real pipeline, without sockets and disk. */
class Pop3TranscriptTest {
    private static final MailboxName DOUG = new MailboxName(FakeAccounts.DOMAIN, "doug");

    private static final class Fixture {
        final InMemoryMailboxes mailboxes;
        private final FakeAccounts accounts;
        private final Executor executor;
        private boolean plaintext = true;

        Fixture(Executor executor) {
            this.executor = executor;
            this.mailboxes = new InMemoryMailboxes(executor);
            this.accounts = new FakeAccounts(executor, "doug", "empty");
            accounts.add("open", null, true);
            mailboxes.add(DOUG, "Subject: one\r\n\r\nfirst\r\n.dot\r\nthird\r\n");
            mailboxes.add(DOUG, "Subject: two\r\n\r\nno end");
            mailboxes.add(DOUG, "");
        }

        EmbeddedChannel connect() {
            Pop3Config config =
                    new Pop3Config(Duration.ofMinutes(10), Duration.ofMinutes(2), 10, 3, Duration.ZERO, "mailserv");
            Pop3Login.Services services = new Pop3Login.Services(
                    config, accounts, mailboxes, new OpenGuard(), new SaslMechanisms(accounts), MailEvents.NONE);
            Pop3Login login = new Pop3Login(
                    services, new Pop3Peer("192.0.2.7", plaintext, true), "pop.example.org", false, false);
            EmbeddedChannel channel = new EmbeddedChannel();
            channel.pipeline()
                    .addLast(
                            new Pop3ServerCodec(),
                            new Pop3SessionHandler(
                                    new Pop3Session("s", config, login, channel.eventLoop()),
                                    config,
                                    executor,
                                    false,
                                    c -> {},
                                    c -> {}));
            channel.pipeline().fireChannelActive();
            return channel;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"session.txt", "errors.txt", "login.txt", "passwordless.txt", "pipelining.txt"})
    @DisplayName("M15: transcripts pass whole, octet by octet, and split everywhere")
    void transcripts(String name) {
        Transcript transcript = Transcript.load(Pop3TranscriptTest.class, name);
        new TranscriptRunner(() -> new Fixture(Runnable::run).connect()).runAll(transcript);
    }

    @ParameterizedTest
    @ValueSource(strings = {"session.txt", "errors.txt", "login.txt", "passwordless.txt", "pipelining.txt"})
    void transcriptsWithAsynchronousAnswers(String name) {
        Transcript transcript = Transcript.load(Pop3TranscriptTest.class, name);
        Later answers = new Later();
        TranscriptRunner runner = new TranscriptRunner(() -> new Fixture(answers).connect(), answers);
        runner.run(transcript, Integer.MAX_VALUE);
        runner.runOctetByOctet(transcript);
        for (int cut = 1; cut < 40; cut += 3) {
            runner.run(transcript, cut);
        }
    }

    private static void feed(EmbeddedChannel channel, String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
        channel.runPendingTasks();
    }

    private static String output(EmbeddedChannel channel) {
        StringBuilder text = new StringBuilder();
        channel.runPendingTasks();
        ByteBuf octets;
        while ((octets = channel.readOutbound()) != null) {
            text.append(octets.toString(StandardCharsets.ISO_8859_1));
            octets.release();
        }
        return text.toString();
    }

    private static EmbeddedChannel loggedIn(Fixture fixture) {
        EmbeddedChannel channel = fixture.connect();
        feed(channel, "USER doug@example.org\r\nPASS secret\r\n");
        assertThat(output(channel)).contains("+OK Maildrop has");
        return channel;
    }

    @Test
    void deletesOnlyAtQuit() {
        Fixture fixture = new Fixture(Runnable::run);
        EmbeddedChannel channel = loggedIn(fixture);
        feed(channel, "DELE 1\r\n");
        channel.finishAndReleaseAll();
        assertThat(fixture.mailboxes.texts(DOUG)).hasSize(3);
        assertThat(fixture.mailboxes.isLocked(DOUG)).isFalse();
        EmbeddedChannel again = loggedIn(fixture);
        feed(again, "DELE 1\r\nDELE 3\r\nQUIT\r\n");
        assertThat(fixture.mailboxes.texts(DOUG)).hasSize(1);
        assertThat(fixture.mailboxes.isLocked(DOUG)).isFalse();
        again.finishAndReleaseAll();
    }

    @Test
    @DisplayName("Half-close: all pipelined commands are answered, and QUIT deletes")
    void answersAClientThatHasClosedItsSide() {
        for (String quit : new String[] {"QUIT\r\n", ""}) {
            Later answers = new Later();
            Fixture fixture = new Fixture(answers);
            EmbeddedChannel channel = fixture.connect();
            feed(channel, "USER doug@example.org\r\nPASS secret\r\nLIST\r\nRETR 1\r\nTOP 2 0\r\nDELE 1\r\n" + quit);
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            StringBuilder received = new StringBuilder();
            Awaitility.await().until(() -> {
                answers.runAll();
                received.append(output(channel));
                return !channel.isOpen();
            });
            received.append(output(channel));
            assertThat(received.toString().split("\\+OK", -1)).hasSize(quit.isEmpty() ? 8 : 9);
            assertThat(received.toString()).contains("first\r\n..dot").doesNotContain("-ERR");
            answers.runAll();
            assertThat(fixture.mailboxes.texts(DOUG)).hasSize(quit.isEmpty() ? 3 : 2);
            assertThat(fixture.mailboxes.isLocked(DOUG)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "CAP", "USER doug@example.org\r\n", "AUTH PLAIN\r\n"})
    @DisplayName("Half-close with nothing left to answer closes the connection")
    void endsWithAClientThatHasClosedItsSide(String input) {
        EmbeddedChannel channel = new Fixture(Runnable::run).connect();
        if (!input.isEmpty()) {
            feed(channel, input);
        }
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        channel.runPendingTasks();
        assertThat(output(channel)).startsWith("+OK");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void oneSessionHasAMaildrop() {
        Fixture fixture = new Fixture(Runnable::run);
        EmbeddedChannel first = loggedIn(fixture);
        EmbeddedChannel second = fixture.connect();
        feed(second, "USER doug@example.org\r\nPASS secret\r\n");
        assertThat(output(second)).contains("-ERR [IN-USE] ");
        feed(first, "QUIT\r\n");
        feed(second, "USER doug@example.org\r\nPASS secret\r\n");
        assertThat(output(second)).contains("+OK Maildrop has");
        first.finishAndReleaseAll();
        second.finishAndReleaseAll();
    }

    @Test
    void aFailedUpdateIsToldAndFreesTheLock() {
        Fixture fixture = new Fixture(Runnable::run);
        EmbeddedChannel channel = loggedIn(fixture);
        fixture.mailboxes.failDeletes();
        feed(channel, "DELE 1\r\nQUIT\r\n");
        assertThat(output(channel)).contains("-ERR [SYS/TEMP] Some deleted messages not removed");
        assertThat(fixture.mailboxes.isLocked(DOUG)).isFalse();
        channel.finishAndReleaseAll();
    }

    @Test
    void aLostLockEndsTheSessionWithoutUpdate() {
        Fixture fixture = new Fixture(Runnable::run);
        EmbeddedChannel channel = loggedIn(fixture);
        feed(channel, "DELE 1\r\n");
        fixture.mailboxes.loseLocks();
        feed(channel, "QUIT\r\n");
        assertThat(output(channel)).contains("-ERR [SYS/TEMP] The lock of the maildrop was lost");
        assertThat(fixture.mailboxes.texts(DOUG)).hasSize(3);
        assertThat(channel.isOpen()).isFalse();
        channel.finishAndReleaseAll();
    }

    @Test
    void aStopClosesAnIdleSessionWithoutUpdate() {
        Fixture fixture = new Fixture(Runnable::run);
        EmbeddedChannel channel = loggedIn(fixture);
        feed(channel, "DELE 1\r\n");
        channel.pipeline().fireUserEventTriggered(DrainEvent.INSTANCE);
        assertThat(output(channel)).contains("-ERR [SYS/TEMP] Server is shutting down");
        assertThat(fixture.mailboxes.texts(DOUG)).hasSize(3);
        channel.finishAndReleaseAll();
    }

    @Test
    void plainTextLoginNeedsAListedNetworkOrTls() {
        Fixture fixture = new Fixture(Runnable::run);
        fixture.plaintext = false;
        EmbeddedChannel channel = fixture.connect();
        feed(channel, "CAPA\r\nUSER doug@example.org\r\nPASS secret\r\n");
        assertThat(output(channel)).doesNotContain("\r\nUSER\r\n").contains("-ERR [AUTH] Plaintext login requires TLS");
        channel.finishAndReleaseAll();
    }

    @Test
    @DisplayName("APOP accepts the digest of RFC 1939, 7, for accounts with a plaintext password")
    void takesApop() throws Exception {
        Fixture fixture = new Fixture(Runnable::run);
        EmbeddedChannel channel = fixture.connect();
        Matcher timestamp = Pattern.compile("<[^>]+>").matcher(output(channel));
        assertThat(timestamp.find()).isTrue();
        byte[] digest = MessageDigest.getInstance("MD5")
                .digest((timestamp.group() + "secret").getBytes(StandardCharsets.US_ASCII));
        feed(channel, "APOP doug@example.org " + "0".repeat(32) + "\r\n");
        assertThat(output(channel)).startsWith("-ERR [AUTH]");
        feed(channel, "APOP doug@example.org " + HexFormat.of().formatHex(digest) + "\r\n");
        assertThat(output(channel)).startsWith("+OK Maildrop has 3");
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @CsvSource({"1000", "70000", "300000"})
    @DisplayName("Large messages arrive unchanged, dot-stuffed, and end with their last line")
    void sendsLargeMessages(int lines) {
        Later answers = new Later();
        Fixture fixture = new Fixture(answers);
        StringBuilder text = new StringBuilder("Subject: big\r\n\r\n");
        for (int i = 0; i < lines; i++) {
            text.append(i % 7 == 0 ? ".x" : "xyz").append("\r\n");
        }
        MailboxName empty = new MailboxName(FakeAccounts.DOMAIN, "empty");
        fixture.mailboxes.add(empty, text.toString());
        EmbeddedChannel channel = fixture.connect();
        StringBuilder received = new StringBuilder();
        feed(channel, "USER empty@example.org\r\nPASS secret\r\nRETR 1\r\n");
        BooleanSupplier complete = () -> {
            answers.runAll();
            received.append(output(channel));
            return received.length() > 1000 && received.toString().endsWith("\r\n.\r\n");
        };
        Awaitility.await().until(complete::getAsBoolean);
        String body = received.substring(received.indexOf("Subject: big"), received.length() - 3);
        assertThat(body.replace("\r\n..", "\r\n.")).isEqualTo(text.toString());
        channel.finishAndReleaseAll();
    }

    /** The commands valid in each state. RFC 1939, 4 and 5. */
    @ParameterizedTest
    @CsvSource({
        "STAT,-,+", "LIST,-,+", "LIST 1,-,+", "LIST 9,-,-", "RETR 1,-,+", "RETR 0,-,-", "RETR,-,-", "DELE 1,-,+",
        "DELE x,-,-", "NOOP,-,+", "RSET,-,+", "UIDL,-,+", "UIDL 2,-,+", "TOP 1 0,-,+", "TOP 1,-,-", "TOP 9 1,-,-",
        "CAPA,+,+", "LANG,+,+", "LANG en,+,+", "LANG tlh,-,-", "UTF8,+,-", "STLS,-,-", "USER doug,+,-", "PASS x,-,-",
        "AUTH,+,-", "AUTH FOO,-,-", "FOO,-,-", "QUIT,+,+", "QUIT now,-,-", "STAT 1,-,-", "99999999999999999999,-,-"
    })
    void everyCommandInEveryState(String command, String before, String after) {
        Fixture fixture = new Fixture(Runnable::run);
        EmbeddedChannel fresh = fixture.connect();
        output(fresh);
        feed(fresh, command + "\r\n");
        assertThat(output(fresh)).as("before login").startsWith(before);
        EmbeddedChannel open = loggedIn(fixture);
        feed(open, command + "\r\n");
        assertThat(output(open)).as("after login").startsWith(after);
        fresh.finishAndReleaseAll();
        open.finishAndReleaseAll();
    }
}
