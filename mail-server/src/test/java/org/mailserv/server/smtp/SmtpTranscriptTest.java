package org.mailserv.server.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.smtp.SmtpServerCodec;
import org.mailserv.codec.smtp.SmtpServerLimits;
import org.mailserv.codec.testing.Later;
import org.mailserv.codec.testing.Transcript;
import org.mailserv.codec.testing.TranscriptRunner;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.check.CheckChain;
import org.mailserv.server.check.PtrCheck;
import org.mailserv.server.check.PtrPolicy;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.SpoolingAcceptor;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.dns.ClientNames;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.net.DrainEvent;
import org.mailserv.server.net.SessionKind;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.net.TrustedGateways;
import org.mailserv.server.sasl.SaslMechanisms;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.testing.FakeAccounts;
import org.mailserv.server.testing.InMemoryMailboxes;
import org.mailserv.server.testing.InMemorySpool;
import org.mailserv.server.testing.OpenGuard;
import org.mailserv.server.tls.TlsMode;

/** Whole sessions over the real pipeline, but for socket and disk. */
class SmtpTranscriptTest {
    private static final Instant NOW = Instant.parse("2026-11-20T22:00:00Z");

    /** A server with services that answer at once, or on another thread. */
    private static final class Fixture {
        final InMemorySpool spool;
        final InMemoryMailboxes mailboxes;
        final SessionRegistry sessions = new SessionRegistry();
        private final FakeAccounts accounts;
        private final SmtpConfig config;
        private final boolean mayRelay;
        SmtpEndpoint endpoint = SmtpEndpoint.plain();
        boolean plaintextAuth;
        boolean xclient;
        CompletionStage<ClientNames.Answer> names =
                CompletableFuture.completedFuture(new ClientNames.Answer.Confirmed("client.example"));

        Fixture(Executor executor, SmtpConfig config, boolean mayRelay) {
            this.spool = new InMemorySpool(executor);
            this.mailboxes = new InMemoryMailboxes(executor);
            this.accounts = new FakeAccounts(executor, "doug", "kim");
            this.config = config;
            this.mayRelay = mayRelay;
        }

        EmbeddedChannel connect() {
            SmtpServices services = new SmtpServices(
                    "mx.example.org",
                    config,
                    spool,
                    accounts,
                    new RecipientRouter(accounts, mailboxes, null),
                    new SpoolingAcceptor(spool, mailboxes, message -> {}, SuccessNotices.NONE, MailEvents.NONE),
                    new SaslMechanisms(accounts),
                    new OpenGuard(),
                    node -> {},
                    address -> names,
                    CheckChain.of(new PtrCheck(config.ptr())),
                    SendingLimits.none(),
                    new TrustedGateways(10),
                    MailEvents.NONE,
                    InstantSource.fixed(NOW));
            SmtpServerLimits limits = new SmtpServerLimits(
                    2048, 12288, 1000, config.refuseLongLines(), config.maxMessageSize(), config.refuseBareLineEnds());
            SmtpServerCodec codec = new SmtpServerCodec(limits);
            EmbeddedChannel channel = new EmbeddedChannel();
            SessionRegistry.Session view = sessions.open(SessionKind.SMTP, "192.0.2.7");
            SmtpSession session = new SmtpSession(
                    view.id(),
                    services,
                    endpoint,
                    new SmtpPeer("192.0.2.7", mayRelay, plaintextAuth, xclient, null),
                    channel.eventLoop());
            session.connected(NetUtil.createInetAddressFromIpAddressString("192.0.2.7"));
            channel.pipeline().addLast(codec, new SmtpSessionHandler(session, config, codec, view, null));
            channel.pipeline().fireChannelActive();
            return channel;
        }
    }

    private static SmtpConfig small() {
        return small(PtrPolicy.OFF);
    }

    private static SmtpConfig small(PtrPolicy ptr) {
        return small(ptr, false);
    }

    private static SmtpConfig small(PtrPolicy ptr, boolean strictAddresses) {
        return new SmtpConfigBuilder()
                .maxMessageSize(2000)
                .maxRecipients(3)
                .hopLimits(5, 2)
                .maxErrors(5)
                .maxCommands(50)
                .ptr(ptr)
                .strictAddresses(strictAddresses)
                .build();
    }

    private static Fixture fixture(Executor executor) {
        return new Fixture(executor, small(), false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one-message.txt",
                "errors.txt",
                "sequence.txt",
                "pipelining.txt",
                "bdat.txt",
                "bdat-pipelined.txt",
                "relay-denied.txt",
                "parameters.txt",
                "smuggling.txt",
                "limits.txt",
                "variations.txt"
            })
    @DisplayName("U1, F5, F6, W1, W2, W4, W5, M3, M8: transcripts, whole, octet by octet, cut everywhere")
    void transcripts(String name) {
        Transcript transcript = Transcript.load(SmtpTranscriptTest.class, name);
        new TranscriptRunner(() -> fixture(Runnable::run).connect()).runAll(transcript);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one-message.txt",
                "errors.txt",
                "sequence.txt",
                "pipelining.txt",
                "bdat.txt",
                "bdat-pipelined.txt",
                "relay-denied.txt",
                "parameters.txt",
                "smuggling.txt",
                "limits.txt",
                "variations.txt"
            })
    void transcriptsWithAsynchronousVerdicts(String name) {
        Transcript transcript = Transcript.load(SmtpTranscriptTest.class, name);
        Later answers = new Later();
        TranscriptRunner runner = new TranscriptRunner(() -> fixture(answers).connect(), answers);
        runner.run(transcript, Integer.MAX_VALUE);
        runner.runOctetByOctet(transcript);
        for (int cut = 1; cut < 40; cut += 3) {
            runner.run(transcript, cut);
        }
    }

    private static Fixture submission(Executor executor) {
        Fixture fixture = fixture(executor);
        fixture.endpoint = new SmtpEndpoint(SmtpEndpoint.Kind.SUBMISSION, TlsMode.NONE, true);
        fixture.plaintextAuth = true;
        return fixture;
    }

    @ParameterizedTest
    @ValueSource(strings = {"auth.txt", "auth-failures.txt", "auth-login.txt"})
    @DisplayName("Submission: users log in, and send as themselves")
    void submissionTranscripts(String name) {
        Transcript transcript = Transcript.load(SmtpTranscriptTest.class, name);
        new TranscriptRunner(() -> submission(Runnable::run).connect()).runAll(transcript);
        Later answers = new Later();
        new TranscriptRunner(() -> submission(answers).connect(), answers).run(transcript, Integer.MAX_VALUE);
    }

    @Test
    @DisplayName("LMTP: a reply for each recipient")
    void lmtpTranscript() {
        Transcript transcript = Transcript.load(SmtpTranscriptTest.class, "lmtp.txt");
        new TranscriptRunner(() -> {
                    Fixture fixture = fixture(Runnable::run);
                    fixture.endpoint = new SmtpEndpoint(SmtpEndpoint.Kind.LMTP, TlsMode.NONE, false);
                    return fixture.connect();
                })
                .runAll(transcript);
    }

    @Test
    @DisplayName("AUTH is neither offered nor taken where a password would travel in the open")
    void noAuthInTheOpen() {
        Fixture fixture = submission(Runnable::run);
        fixture.plaintextAuth = false;
        play(
                fixture,
                "S~ 220\nC: EHLO x\n" + "S~ 250-\n".repeat(10)
                        + "S: 250 HELP\nC: AUTH PLAIN AGEAYg==\nS~ 538 5.7.11\n");
    }

    @Test
    @DisplayName("A submitted message gets the Date and Message-ID that it has not")
    void addsMissingFields() {
        Fixture fixture = submission(Runnable::run);
        String login = "S~ 220\nC: EHLO x\n" + "S~ 250-\n".repeat(11)
                + "S: 250 HELP\nC: AUTH PLAIN AGRvdWcAc2VjcmV0\nS~ 235\n";
        String envelope =
                "C: MAIL FROM:<doug@example.org>\nS~ 250\nC: RCPT TO:<kim@example.org>\nS~ 250\nC: DATA\nS~ 354\n";
        play(
                fixture,
                login + envelope + "C: Subject: x\nC:\nC: Date: not a field\nC: .\nS~ 250\n" + envelope
                        + "C: Date: today\nC: Message-ID: <1@x>\nC:\nC: .\nS~ 250\n");
        List<InMemorySpool.Stored> stored = fixture.spool.messages();
        assertThat(stored.get(0).text())
                .contains("with ESMTPA id")
                .contains("\r\nDate: ")
                .contains("\r\nMessage-ID: <" + stored.get(0).envelope().id() + "@mx.example.org>\r\n");
        assertThat(stored.get(1).text()).containsOnlyOnce("Date: ").containsOnlyOnce("Message-ID: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DATA", "BDAT"})
    @DisplayName("a submitted message loses the fields that name blind copies; a stranger's keeps them")
    void removesBlindCopies(String command) {
        String text =
                "To: kim@example.org|Bcc: secret@x,| more@x|BCC : third@x|Resent-Bcc: r@x|Subject: Bcc: y||Bcc: body|";
        String kept = "To: kim@example.org\r\nSubject: Bcc: y\r\n\r\nBcc: body\r\n";
        String wire = text.replace("|", "\\r\\n");
        int octets = text.replace("|", "\r\n").length();
        String content = command.equals("DATA")
                ? "C: DATA\nS~ 354\nC> " + wire + ".\\r\\n\nS~ 250\n"
                : "C: BDAT " + octets + "\nC> " + wire + "\nS~ 250\nC: BDAT 0 LAST\nS~ 250\n";
        Fixture users = submission(Runnable::run);
        play(
                users,
                "S~ 220\nC: EHLO x\n" + "S~ 250-\n".repeat(11)
                        + "S: 250 HELP\nC: AUTH PLAIN AGRvdWcAc2VjcmV0\nS~ 235\nC: MAIL FROM:<doug@example.org>\nS~ 250\n"
                        + "C: RCPT TO:<kim@example.org>\nS~ 250\n" + content);
        assertThat(users.spool.messages().get(0).text())
                .endsWith(kept)
                .doesNotContain("secret", "more@", "third", "r@x");
        Fixture strangers = fixture(Runnable::run);
        play(
                strangers,
                "S~ 220\nC: EHLO x\n" + "S~ 250-\n".repeat(10)
                        + "S: 250 HELP\nC: MAIL FROM:<a@b.example>\nS~ 250\nC: RCPT TO:<kim@example.org>\nS~ 250\n"
                        + content);
        assertThat(strangers.spool.messages().get(0).text()).contains("Bcc: secret@x,\r\n more@x\r\n");
    }

    @Test
    @DisplayName("HELP names the commands that this client can use here now, and no others")
    void helps() {
        String basic = "MAIL RCPT DATA BDAT RSET NOOP QUIT HELP";
        play(fixture(Runnable::run), "S~ 220\nC: HELP\nS: 214 2.0.0 Commands: HELO EHLO " + basic + "\n");
        Fixture lmtp = fixture(Runnable::run);
        lmtp.endpoint = new SmtpEndpoint(SmtpEndpoint.Kind.LMTP, TlsMode.NONE, false);
        play(lmtp, "S~ 220\nC: HELP\nS: 214 2.0.0 Commands: LHLO " + basic + "\n");
        play(
                submission(Runnable::run),
                "S~ 220\nC: HELP\nS: 214 2.0.0 Commands: HELO EHLO " + basic + " AUTH\nC: EHLO x\n"
                        + "S~ 250-\n".repeat(11) + "S: 250 HELP\nC: AUTH PLAIN AGRvdWcAc2VjcmV0\nS~ 235\n"
                        + "C: HELP MAIL\nS: 214 2.0.0 Commands: HELO EHLO " + basic + "\n");
        Fixture secured = fixture(Runnable::run);
        secured.endpoint = new SmtpEndpoint(SmtpEndpoint.Kind.SMTP, TlsMode.STARTTLS, true);
        secured.xclient = true;
        play(secured, "S~ 220\nC: HELP\nS: 214 2.0.0 Commands: HELO EHLO " + basic + " STARTTLS XCLIENT\n");
    }

    @Test
    @DisplayName("U14: a client's confirmed name is in Received, and can be made a condition")
    void clientNames() {
        Fixture marking = new Fixture(Runnable::run, small(PtrPolicy.MARK), false);
        String mail = "S~ 220\nC: HELO x\nS~ 250\nC: MAIL FROM:<a@b.example>\n";
        String rest = "S~ 250\nC: RCPT TO:<kim@example.org>\nS~ 250\nC: DATA\nS~ 354\nC: x\nC: .\nS~ 250\n";
        play(marking, mail + rest);
        assertThat(marking.spool.messages().get(0).text()).startsWith("Received: from x (client.example [192.0.2.7])");

        Fixture rejecting = new Fixture(Runnable::run, small(PtrPolicy.REJECT), false);
        play(rejecting, mail + rest);
        rejecting.names = CompletableFuture.completedFuture(new ClientNames.Answer.None());
        play(rejecting, mail + "S~ 550 5.7.25\n");
        rejecting.names = CompletableFuture.completedFuture(new ClientNames.Answer.Unknown());
        play(rejecting, mail + "S~ 450 4.7.25\n");
        Fixture deferring = new Fixture(Runnable::run, small(PtrPolicy.DEFER), false);
        deferring.names = CompletableFuture.completedFuture(new ClientNames.Answer.None());
        play(deferring, mail + "S~ 450 4.7.25\n");
    }

    @Test
    @DisplayName("XCLIENT from a listed front makes the session another client's, without the front's rights")
    void xclient() {
        Fixture fixture = new Fixture(Runnable::run, small(), true);
        fixture.xclient = true;
        play(
                fixture,
                "S~ 220\nC: HELO front\nS~ 250\nC: XCLIENT ADDR=203.0.113.9 NAME=spike.example\nS~ 220\nC: HELO spike\nS~ 250\n"
                        + "C: MAIL FROM:<a@b.example>\nS~ 250\nC: RCPT TO:<x@far.example>\nS~ 550 5.7.1\n"
                        + "C: RCPT TO:<kim@example.org>\nS~ 250\nC: DATA\nS~ 354\nC: x\nC: .\nS~ 250\n");
        assertThat(fixture.spool.messages().get(0).text())
                .startsWith("Received: from spike (spike.example [203.0.113.9])");
        play(fixture(Runnable::run), "S~ 220\nC: HELO x\nS~ 250\nC: XCLIENT ADDR=203.0.113.9\nS~ 550\n");
    }

    private static void play(Fixture fixture, String text) {
        new TranscriptRunner(fixture::connect).run(Transcript.parse("inline", text), Integer.MAX_VALUE);
    }

    private static final String ONE_MESSAGE = """
            S~ 220
            C: EHLO client.example
            S~ 250-mx.example.org
            S~ 250-
            S~ 250-
            S~ 250-
            S~ 250-
            S~ 250-
            S~ 250-
            S~ 250-
            S~ 250-
            S~ 250-
            S~ 250 HELP
            C: MAIL FROM:<a@b.example>
            S~ 250
            C: RCPT TO:<Doug@Example.ORG>
            S~ 250
            C: DATA
            S~ 354
            C: Subject: x
            C:
            C: ..dots
            C: .
            """;

    @Test
    @DisplayName("M2, M6: stored once, in any case of the name, with Received, without the final dot")
    void storesWhatItTakes() {
        Fixture fixture = fixture(Runnable::run);
        play(fixture, ONE_MESSAGE + "S~ 250 2.0.0 Ok: queued as\n");
        InMemorySpool.Stored stored = fixture.spool.messages().get(0);
        assertThat(stored.text())
                .startsWith(
                        "Received: from client.example ([192.0.2.7])\r\n\tby mx.example.org (mailserv) with ESMTP id "
                                + stored.envelope().id())
                .contains("for <Doug@example.org>;")
                .endsWith("\r\nSubject: x\r\n\r\n.dots\r\n");
        assertThat(stored.envelope().sender()).hasToString("a@b.example");
        assertThat(stored.state().isSettled()).isTrue();
        assertThat(fixture.mailboxes.texts(new MailboxName("example.org", "doug")))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"DISK_FULL,452 4.3.1", "OVERLOADED,451 4.3.1", "IO_ERROR,451 4.3.0", "CLOSED,421 4.3.2"})
    @DisplayName("U8: what the spool cannot keep is not acknowledged")
    void refusesWhatCannotBeKept(SpoolException.Reason reason, String reply) {
        Fixture fixture = fixture(Runnable::run);
        fixture.spool.failWith(reason);
        play(fixture, ONE_MESSAGE + "S~ " + reply + "\n");
        assertThat(fixture.spool.messages()).isEmpty();
    }

    @Test
    void refusesMailEarlyWhenTheDiskIsFull() {
        Fixture fixture = fixture(Runnable::run);
        fixture.spool.setWritable(false);
        play(fixture, "S~ 220\nC: HELO x\nS~ 250\nC: MAIL FROM:<>\nS~ 452 4.3.1\n");
    }

    @Test
    @DisplayName("clients that may relay may leave the domain out, in MAIL and RCPT: the primary one is meant")
    void bareNamesOfLocalClients() {
        Fixture fixture = new Fixture(Runnable::run, small(), true);
        play(
                fixture,
                "S~ 220\nC: HELO x\nS~ 250\nC: MAIL FROM:<root>\nS~ 250\nC: RCPT TO:<kim>\nS~ 250\n"
                        + "C: RCPT TO:nobody\nS~ 550 5.1.1\nC: DATA\nS~ 354\nC: x\nC: .\nS~ 250\n");
        Envelope envelope = fixture.spool.messages().get(0).envelope();
        assertThat(envelope.sender().toString()).isEqualTo("root@" + FakeAccounts.DOMAIN);
        assertThat(envelope.recipients())
                .extracting(recipient -> recipient.address().toString())
                .containsExactly("kim@" + FakeAccounts.DOMAIN);
    }

    @Test
    @DisplayName("unknown clients may leave the domain out for postmaster only")
    void bareNamesOfUnknownClients() {
        play(
                fixture(Runnable::run),
                "S~ 220\nC: HELO x\nS~ 250\nC: MAIL FROM:<root>\nS~ 501 5.1.7\nC: MAIL FROM:<a@b.example>\nS~ 250\n"
                        + "C: RCPT TO:<kim>\nS~ 501 5.1.3\nC: RCPT TO:<PostMaster>\nS~ 250\n");
    }

    @Test
    void relaysForWhoMay() {
        Fixture fixture = new Fixture(Runnable::run, small(), true);
        play(
                fixture,
                "S~ 220\nC: HELO x\nS~ 250\nC: MAIL FROM:<a@example.org>\nS~ 250\nC: RCPT TO:<b@far.example>\nS~ 250\n"
                        + "C: DATA\nS~ 354\nC: x\nC: .\nS~ 250\n");
        assertThat(fixture.spool.messages().get(0).state().isSettled()).isFalse();
        assertThat(fixture.spool
                        .messages()
                        .get(0)
                        .envelope()
                        .recipients()
                        .get(0)
                        .isLocal())
                .isFalse();
    }

    @Test
    @DisplayName("U10: an idle session gets 421 after the time of RFC 5321")
    void endsAnIdleSession() {
        Fixture fixture = fixture(Runnable::run);
        EmbeddedChannel channel = fixture.connect();
        channel.releaseOutbound();
        pass(channel, 299);
        assertThat(channel.isOpen()).isTrue();
        assertThat(fixture.sessions.views()).hasSize(1);
        pass(channel, 2);
        assertThat(output(channel)).startsWith("421 4.4.2");
        assertThat(channel.isOpen()).isFalse();
        assertThat(fixture.sessions.views()).isEmpty();
    }

    @Test
    @DisplayName("U10: a body that trickles in does not hold a session for ever")
    void endsASessionThatNeverEnds() {
        Fixture fixture = fixture(Runnable::run);
        EmbeddedChannel channel = fixture.connect();
        feed(channel, "HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<doug@example.org>\r\nDATA\r\n");
        channel.releaseOutbound();
        for (int minute = 0; minute < 29; minute++) {
            pass(channel, 60);
            feed(channel, "x");
            assertThat(channel.isOpen()).isTrue();
        }
        pass(channel, 61);
        assertThat(output(channel)).startsWith("421 4.4.2");
        assertThat(channel.isOpen()).isFalse();
        assertThat(fixture.spool.messages()).isEmpty();
    }

    @Test
    @DisplayName("F6: DATA after refused recipients only is 554 and not a mistake in sequence")
    void saysThatNoRecipientWasTaken() {
        play(
                fixture(Runnable::run),
                "S~ 220\nC: HELO x\nS~ 250\nC: MAIL FROM:<a@b.example>\nS~ 250\n"
                        + "C: RCPT TO:<nobody@example.org>\nS~ 550\nC: DATA\nS: 554 5.5.1 No valid recipients\n");
    }

    private static void pass(EmbeddedChannel channel, long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    @Test
    @DisplayName("M14: a stop lets an open transaction end, and then says 421")
    void drains() {
        Fixture fixture = fixture(Runnable::run);
        EmbeddedChannel channel = fixture.connect();
        feed(channel, "HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<doug@example.org>\r\nDATA\r\n");
        channel.pipeline().fireUserEventTriggered(DrainEvent.INSTANCE);
        assertThat(channel.isOpen()).isTrue();
        channel.releaseOutbound();
        feed(channel, "text\r\n.\r\n");
        String last = output(channel);
        assertThat(last).contains("250 2.0.0 Ok: queued").contains("421 4.3.2");
        assertThat(channel.isOpen()).isFalse();
        assertThat(fixture.spool.messages()).hasSize(1);
    }

    @Test
    void anIdleSessionIsToldToGoAtOnce() {
        EmbeddedChannel channel = fixture(Runnable::run).connect();
        channel.releaseOutbound();
        channel.pipeline().fireUserEventTriggered(DrainEvent.INSTANCE);
        assertThat(output(channel)).startsWith("421 4.3.2");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aLostConnectionLeavesNothing() {
        Fixture fixture = fixture(Runnable::run);
        EmbeddedChannel channel = fixture.connect();
        feed(channel, "HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<doug@example.org>\r\nDATA\r\nhalf");
        channel.finishAndReleaseAll();
        assertThat(fixture.spool.messages()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "QUIT\r\n", "NOOP\r\nNOOP\r\n", "NOO"})
    @DisplayName("half-close after the final dot: the answers come first, then the end")
    void answersAClientThatHasClosedItsSide(String behind) {
        Later answers = new Later();
        Fixture fixture = fixture(answers);
        EmbeddedChannel channel = fixture.connect();
        feed(channel, "HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<doug@example.org>\r\nDATA\r\n");
        settle(channel, answers);
        channel.releaseOutbound();
        feed(channel, "text\r\n.\r\n" + behind);
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertThat(channel.isOpen()).isTrue();
        settle(channel, answers);
        assertThat(output(channel))
                .startsWith("250 2.0.0 Ok: queued")
                .matches("(?s)(250 [^\r]*\r\n){" + (behind.startsWith("NOOP") ? 3 : 1) + "}(221 [^\r]*\r\n)?");
        assertThat(channel.isOpen()).isFalse();
        assertThat(fixture.spool.messages()).hasSize(1);
        assertThat(fixture.sessions.views()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HEL",
                "HELO x\r\n",
                "MAIL FROM:<a@b.example>\r\nRCPT TO:<doug@example.org>\r\nDATA\r\n",
                "MAIL FROM:<a@b.example>\r\nRCPT TO:<doug@example.org>\r\nBDAT 5 LAST\r\n123",
                "MAIL FROM:<a@b.example>\r\nRCPT TO:<doug@example.org>\r\nBDAT 3\r\n123"
            })
    @DisplayName("half-close with nothing left to answer: the connection ends, and no part of a message is taken")
    void endsWithAClientThatHasClosedItsSide(String input) {
        Fixture fixture = fixture(Runnable::run);
        EmbeddedChannel channel = fixture.connect();
        feed(channel, "HELO x\r\n");
        feed(channel, input);
        if (input.endsWith("DATA\r\n")) {
            feed(channel, "half of a text\r\n.\r");
        }
        assertThat(channel.isOpen()).isTrue();
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        channel.runPendingTasks();
        assertThat(output(channel)).startsWith("220 ");
        assertThat(channel.isOpen()).isFalse();
        assertThat(fixture.spool.messages()).isEmpty();
        assertThat(fixture.sessions.views()).isEmpty();
    }

    private static void settle(EmbeddedChannel channel, Later answers) {
        for (int i = 0; i < 20; i++) {
            answers.runAll();
            channel.runPendingTasks();
        }
    }

    private static void feed(EmbeddedChannel channel, String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
        channel.runPendingTasks();
    }

    private static String output(EmbeddedChannel channel) {
        StringBuilder text = new StringBuilder();
        channel.runPendingTasks();
        ByteBuf octets;
        while ((octets = channel.readOutbound()) != null) {
            text.append(octets.toString(StandardCharsets.US_ASCII));
            octets.release();
        }
        return text.toString();
    }

    /** Replies that RFC 5321, 4.3.2 allows, for each command in each state. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // command | fresh | greeted | mail | rcpt
                "HELO x|250|250|250|250",
                "EHLO x|250|250|250|250",
                "MAIL FROM:<a@b.example>|503|250|503|503",
                "RCPT TO:<doug@example.org>|503|503|250|250",
                "RCPT TO:<nobody@example.org>|503|503|550|550",
                "DATA|503|503|503|354",
                "BDAT 0 LAST|503|503|503|250",
                "RSET|250|250|250|250",
                "NOOP|250|250|250|250",
                "NOOP with words|250|250|250|250",
                "QUIT|221|221|221|221",
                "HELP|214|214|214|214",
                "HELP MAIL|214|214|214|214",
                "VRFY doug|502|502|502|502",
                "EXPN list|502|502|502|502",
                "SEND FROM:<a@b.example>|502|502|502|502",
                "SOML FROM:<a@b.example>|502|502|502|502",
                "SAML FROM:<a@b.example>|502|502|502|502",
                "TURN|502|502|502|502",
                "ETRN example.org|502|502|502|502",
                "LHLO x|502|502|502|502",
                "STARTTLS|502|502|502|502",
                "AUTH PLAIN|502|502|502|502",
                "FOO|500|500|500|500",
                "MAIL|501|501|501|501",
                "RCPT|501|501|501|501",
                "HELO|501|501|501|501"
            })
    @DisplayName("F6: every command in every state")
    void everyCommandInEveryState(String command, int fresh, int greeted, int mail, int rcpt) {
        List<String> setUp = List.of("", "HELO x\r\n", "MAIL FROM:<s@b.example>\r\n", "RCPT TO:<kim@example.org>\r\n");
        int[] expected = {fresh, greeted, mail, rcpt};
        for (int state = 0; state < expected.length; state++) {
            EmbeddedChannel channel = fixture(Runnable::run).connect();
            for (int i = 0; i <= state; i++) {
                if (!setUp.get(i).isEmpty()) {
                    feed(channel, setUp.get(i));
                }
            }
            channel.releaseOutbound();
            feed(channel, command + "\r\n");
            String reply = output(channel);
            assertThat(reply).as("%s in state %d", command, state).startsWith(Integer.toString(expected[state]));
            if (!reply.startsWith("354") && !command.startsWith("HELO") && !command.startsWith("EHLO")) {
                assertThat(reply).as("%s in state %d", command, state).matches("(?s)\\d{3}[ -][245]\\.\\d+\\.\\d+ .*");
            }
            channel.finishAndReleaseAll();
        }
    }

    private static String reply(EmbeddedChannel channel, String command) {
        channel.writeInbound(Unpooled.copiedBuffer(command + "\r\n", StandardCharsets.UTF_8));
        StringBuilder text = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            text.append(out.toString(StandardCharsets.UTF_8));
            out.release();
        }
        return text.toString();
    }

    @ParameterizedTest
    @DisplayName(
            "local parts as carriers and lists make them are taken, and refused where the operator wants the letter")
    @ValueSource(strings = {"a..b", ".a", "a.", "%s"})
    void oddLocalParts(String template) {
        String name = template.replace("%s", "list-confirm+" + "0".repeat(80));
        for (boolean strict : new boolean[] {false, true}) {
            Fixture room = new Fixture(Runnable::run, small(PtrPolicy.OFF, strict), true);
            EmbeddedChannel channel = room.connect();
            reply(channel, "EHLO client.example");
            String expected = strict ? "501 5.1.7" : "250 ";
            assertThat(reply(channel, "MAIL FROM:<" + name + "@far.example>")).startsWith(expected);
            assertThat(reply(channel, "RSET")).startsWith("250 ");
            assertThat(reply(channel, "MAIL FROM:<doug@example.org>")).startsWith("250 ");
            assertThat(reply(channel, "RCPT TO:<" + name + "@far.example>")).startsWith(strict ? "501 5.1.3" : "250 ");
            assertThat(reply(channel, "RCPT TO:<\"" + name + "\"@far.example>"))
                    .startsWith(strict && name.length() > 64 ? "501 5.1.3" : "250 ");
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @DisplayName("a domain that stands for no name is refused with 553, one that does is taken")
    @CsvSource({
        "straße.example, 250",
        "xn--strae-oqa.example, 250",
        "XN--STRAE-OQA.example, 250",
        "ｅxample.example, 250",
        "xn--a.example, 553 5.1",
        "a\u200Db.example, 553 5.1",
        "\u0378.example, 553 5.1",
        "1\u05D0.example, 553 5.1"
    })
    void internationalizedDomains(String domain, String expected) {
        EmbeddedChannel channel = new Fixture(Runnable::run, small(), true).connect();
        reply(channel, "EHLO client.example");
        assertThat(reply(channel, "MAIL FROM:<u@" + domain + "> SMTPUTF8")).startsWith(expected);
        assertThat(reply(channel, "RSET")).startsWith("250 ");
        assertThat(reply(channel, "MAIL FROM:<> SMTPUTF8")).startsWith("250 ");
        assertThat(reply(channel, "RCPT TO:<u@" + domain + ">")).startsWith(expected);
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @DisplayName("parameters are taken in the forms that other servers take")
    @CsvSource({
        "ENVID=a=b==, 250",
        "envid=QQ+3d+2b, 250",
        "ENVID=a+b, 501 5.5.4",
        "ENVID=a+0D+0Ab, 501 5.5.4",
        "ENVID=, 501 5.5.4",
        "ret=hdrs, 250",
        "'RET=FULL  ENVID=x', 250",
        "'RET=FULL\tENVID=x', 250",
        "AUTH=<>, 250",
        "AUTH=e+3Dmc2@example.com, 250",
        "X-UNKNOWN=1, 555",
        "=1, 501 5.5.4"
    })
    void mailParameters(String parameters, String expected) {
        EmbeddedChannel channel = new Fixture(Runnable::run, small(), true).connect();
        reply(channel, "EHLO client.example");
        assertThat(reply(channel, "MAIL FROM:<u@far.example> " + parameters)).startsWith(expected);
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @DisplayName("ORCPT is taken with an equals sign and with digits in lower case, and refused where it says nothing")
    @CsvSource({
        "ORCPT=rfc822;a=b@far.example, 250",
        "ORCPT=rfc822;a+3db@far.example, 250",
        "orcpt=RFC822;a+2Bb@far.example notify=never, 250",
        "ORCPT=utf-8;a\\x{E9}b@far.example, 250",
        "ORCPT=rfc822;, 501 5.5.4",
        "ORCPT=rfc822;a+zz@far.example, 501 5.5.4",
        "ORCPT=rfc822;a+0D+0Ab@far.example, 501 5.5.4",
        "ORCPT=a@far.example, 501 5.5.4"
    })
    void rcptParameters(String parameters, String expected) {
        EmbeddedChannel channel = new Fixture(Runnable::run, small(), true).connect();
        reply(channel, "EHLO client.example");
        reply(channel, "MAIL FROM:<>");
        assertThat(reply(channel, "RCPT TO:<u@far.example> " + parameters)).startsWith(expected);
        channel.finishAndReleaseAll();
    }
}
