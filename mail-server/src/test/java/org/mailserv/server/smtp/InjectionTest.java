package org.mailserv.server.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.smtp.SmtpServerCodec;
import org.mailserv.codec.smtp.SmtpServerLimits;
import org.mailserv.server.check.AuthenticationResult;
import org.mailserv.server.check.AuthenticationResults;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.check.authres.AuthenticationMethod;
import org.mailserv.server.check.authres.HeaderFilter;
import org.mailserv.server.check.dkim.DkimResult;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.SpoolingAcceptor;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.dns.ClientNames;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.net.SessionKind;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.net.TrustedGateways;
import org.mailserv.server.sasl.SaslMechanisms;
import org.mailserv.server.testing.FakeAccounts;
import org.mailserv.server.testing.InMemoryMailboxes;
import org.mailserv.server.testing.InMemorySpool;
import org.mailserv.server.testing.OpenGuard;

/** What strangers say goes into fields and replies of ours, and ends none of them. */
class InjectionTest {
    private static final String OURS =
            "Authentication-Results: mx.example.org;\r\n\tspf=fail smtp.mailfrom=b.example\r\n";

    private final InMemorySpool spool = new InMemorySpool(Runnable::run);
    private String clientName = "client.example";

    /** Checks that take forged fields out and add one, as those of the server do. */
    private static final class Marking implements MessageChecks {
        @Override
        public Inspection begin(Facts facts) {
            HeaderFilter filter = new HeaderFilter("mx.example.org");
            return new Inspection() {
                @Override
                public void feed(ByteBuf piece) {
                    // Judged without a look.
                }

                @Override
                public ByteBuf filter(ByteBuf piece) {
                    return filter.pass(piece);
                }

                @Override
                public ByteBuf rest() {
                    return filter.finish();
                }

                @Override
                public CompletionStage<Verdict> finish(String added) {
                    return CompletableFuture.completedFuture(new Verdict(OURS, null));
                }
            };
        }
    }

    private String talk(String... lines) {
        FakeAccounts accounts = new FakeAccounts(Runnable::run, "doug");
        InMemoryMailboxes mailboxes = new InMemoryMailboxes(Runnable::run);
        SmtpConfig config = SmtpConfig.defaults();
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
                address -> CompletableFuture.completedFuture(new ClientNames.Answer.Confirmed(clientName)),
                new Marking(),
                SendingLimits.none(),
                new TrustedGateways(10),
                MailEvents.NONE,
                InstantSource.fixed(Instant.EPOCH));
        SmtpServerCodec codec = new SmtpServerCodec(SmtpServerLimits.defaults());
        EmbeddedChannel channel = new EmbeddedChannel();
        SessionRegistry.Session view = new SessionRegistry().open(SessionKind.SMTP, "192.0.2.7");
        SmtpSession session = new SmtpSession(
                view.id(),
                services,
                SmtpEndpoint.plain(),
                new SmtpPeer("192.0.2.7", false, false, false, clientName),
                channel.eventLoop());
        session.connected(NetUtil.createInetAddressFromIpAddressString("192.0.2.7"));
        channel.pipeline().addLast(codec, new SmtpSessionHandler(session, config, codec, view, null));
        channel.pipeline().fireChannelActive();
        StringBuilder replies = new StringBuilder();
        for (String line : lines) {
            channel.writeInbound(Unpooled.copiedBuffer(line, StandardCharsets.ISO_8859_1));
            channel.runPendingTasks();
            ByteBuf octets;
            while ((octets = channel.readOutbound()) != null) {
                replies.append(octets.toString(StandardCharsets.ISO_8859_1));
                octets.release();
            }
        }
        channel.finishAndReleaseAll();
        return replies.toString();
    }

    private String stored(String helo, String content) {
        String replies = talk(
                "EHLO " + helo + "\r\n",
                "MAIL FROM:<a@b.example>\r\n",
                "RCPT TO:<doug@example.org>\r\n",
                "DATA\r\n",
                content + "\r\n.\r\n");
        assertThat(replies).contains("250 2.0.0 Ok: queued as ");
        List<InMemorySpool.Stored> messages = spool.messages();
        return messages.get(messages.size() - 1).text();
    }

    private static String header(String message) {
        return message.substring(0, message.indexOf("\r\n\r\n") + 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x (y) X-Evil: 1", "a;b", "\u00ff\u00fe", "\"x\\", "[192.0.2.1]"})
    @DisplayName("a HELO name stays within its field")
    void helloNames(String name) {
        // Octets that are no UTF-8 are refused with the line, and the name before them is kept.
        String text = header(stored("first.example\r\nEHLO " + name, "Subject: x\r\n\r\ntext"));
        assertThat(text.split("\r\n(?![\t ])")).hasSize(3);
        assertThat(text).doesNotContain("\nX-Evil").matches("(?s)[\r\n\t -~]*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\rX-Evil: 1", "a\0b", "a\u001b[2Jb", "a\u007fb", "a\nX-Evil: 1"})
    @DisplayName("control characters in HELO, MAIL, RCPT and unknown verbs are refused, and do not come back")
    void commandsWithControls(String evil) {
        for (String command : List.of("HELO ", "MAIL FROM:<", "RCPT TO:<", "VRFY ", "FOO")) {
            String replies = talk("HELO x\r\n", "MAIL FROM:<a@b.example>\r\n", command + evil + "@b.example>\r\n");
            assertThat(replies).as(command).matches("(?s)([2-5][0-9][0-9][ -][ -~]*\r\n)+");
            assertThat(replies.substring(replies.indexOf("2.1.0"))).as(command).contains("\r\n50");
        }
        assertThat(spool.messages()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil\r\nX-Evil: 1", "evil\0", "ev(il)", "ev\u001bil"})
    @DisplayName("a PTR name stays within its comment")
    void clientNames(String name) {
        clientName = name;
        String text = header(stored("x.example", "Subject: x\r\n\r\ntext"));
        assertThat(text).startsWith("Received: from x.example (ev").doesNotContain("\nX-Evil");
        assertThat(text.split("\r\n(?![\t ])")).hasSize(3);
        assertThat(text).matches("(?s)[\r\n\t -~]*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\t; dkim=pass header.d=bank.example", " ; dmarc=pass", "\t", " \r\n\tdkim=pass"})
    @DisplayName("a message that begins in the middle of a field does not go on with one of ours")
    void foldedFirstLine(String first) {
        String text = stored("x.example", first + "\r\nSubject: x\r\n\r\ntext");
        assertThat(text).contains(OURS + "\r\n" + first);
        assertThat(header(text)).endsWith(OURS);
    }

    @Test
    @DisplayName("fields in our name are taken out, also where they end the header")
    void forgedFields() {
        String text = stored(
                "x.example",
                "Authentication-Results: mx.example.org; dkim=pass\r\n\tgoes on\r\nSubject: x\r\n"
                        + "authentication-results : MX.example.org; spf=pass");
        assertThat(text)
                .containsOnlyOnce("uthentication-")
                .contains("Subject: x")
                .doesNotContain("goes on");
    }

    @Test
    @DisplayName("words of the DNS and of signatures stay within Authentication-Results")
    void resultsOfStrangers() {
        AuthenticationResult result = AuthenticationResult.of(
                        AuthenticationMethod.DKIM, DkimResult.FAIL, "bad\r\nX-Evil: 1")
                .with("header.d", "evil\r\nX-Evil: 2\0\u001b")
                .with("header.s", "a;b\"c");
        String text = new AuthenticationResults("mx.example.org", List.of(result)).field();
        assertThat(text).endsWith("\r\n");
        assertThat(text.split("\r\n(?![\t ])")).hasSize(1);
        assertThat(text).matches("(?s)[\r\n\t -~]*");
    }
}
