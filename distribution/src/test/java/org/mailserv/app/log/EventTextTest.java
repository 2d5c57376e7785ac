package org.mailserv.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.app.config.MessageTraceSettings;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.event.AcceptedMessage;
import org.mailserv.server.event.ClientSession;
import org.mailserv.server.event.DestinationFailure;
import org.mailserv.server.event.FailedLogin;
import org.mailserv.server.event.Login;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Detail;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.event.MessageSource;
import org.mailserv.server.event.Refusal;
import org.mailserv.server.event.RemoteDelivery;
import org.mailserv.server.event.SentNotice;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;

/** The lines that operators and their tools read. */
class EventTextTest {
    private static final QueueId ID = QueueId.parse("0123456789abcdef");
    private static final ClientSession CLIENT = new ClientSession("s1", "192.0.2.7");
    private static final Address ANN = new Address("ann", "dest.test");
    private static final ReversePath SENDER = new ReversePath(new Address("a", "b.test"));
    private static final MailboxName KIM = new MailboxName("sample.org", "kim");

    private static AcceptedMessage accepted(int recipients) {
        List<Recipient> all = IntStream.range(0, recipients)
                .mapToObj(i -> Recipient.remote(new Address("r" + i, "dest.test")))
                .toList();
        return new AcceptedMessage(MessageSource.SMTP, CLIENT, null, ID, SENDER, all, 17, null);
    }

    @Test
    @DisplayName("an accepted message names its first twenty recipients")
    void acceptedMessage() {
        assertThat(EventText.of(accepted(2)))
                .isEqualTo("event=message-accepted session=s1 id=0123456789abcdef peer=192.0.2.7 from=<a@b.test>"
                        + " recipients=2 to=<r0@dest.test>,<r1@dest.test> octets=17");
        assertThat(EventText.of(accepted(25)))
                .contains(" recipients=25 ")
                .contains("<r19@dest.test> octets")
                .doesNotContain("r20");
        assertThat(EventText.of(new AcceptedMessage(MessageSource.PICKUP, null, "job", ID, SENDER, List.of(), 17, "x")))
                .isEqualTo("event=message-accepted source=pickup file=job id=0123456789abcdef from=<a@b.test>"
                        + " recipients=0");
    }

    @Test
    @DisplayName("refusals, deliveries, notices and logins keep their names and keys")
    void lines() {
        SmtpReply reply = SmtpReply.of(550, "5.1.1", "No such mailbox here");
        assertThat(EventText.of(Refusal.recipient(CLIENT, SENDER, ANN, reply)))
                .isEqualTo("event=rcpt-refused session=s1 peer=192.0.2.7 from=<a@b.test> to=<ann@dest.test>"
                        + " reply=\"550 5.1.1 No such mailbox here\"");
        assertThat(EventText.of(
                        "deferred",
                        new RemoteDelivery(ID, ANN, "mx [192.0.2.1]", "451 x", Duration.ZERO, Duration.ZERO)))
                .isEqualTo("event=deferred id=0123456789abcdef to=<ann@dest.test> mta=\"mx [192.0.2.1]\""
                        + " reply=\"451 x\"");
        assertThat(EventText.of("expired", new DestinationFailure(ID, "dest.test", "no answer", 1, Duration.ZERO)))
                .isEqualTo("event=expired id=0123456789abcdef domain=dest.test reason=\"no answer\"");
        assertThat(EventText.of(new SentNotice(SentNotice.Kind.FAILED, ID, ID, ANN)))
                .isEqualTo("event=bounced id=0123456789abcdef about=0123456789abcdef to=<ann@dest.test>");
        assertThat(EventText.of(new SentNotice(SentNotice.Kind.DELAYED, ID, ID, ANN)))
                .startsWith("event=delayed-notice id=");
        assertThat(EventText.of(new Login(Login.Protocol.POP3, CLIENT, KIM, 3)))
                .isEqualTo("event=pop3-login session=s1 mailbox=kim@sample.org messages=3");
        assertThat(EventText.of(new FailedLogin(Login.Protocol.SMTP, "s1", "192.0.2.7", "kim", "name")))
                .isEqualTo("event=login-failed session=s1 peer=192.0.2.7 login=kim reason=\"name\"");
        assertThat(EventText.of(MessageNote.of(
                        Kind.QUEUE_REMOVE,
                        ID,
                        Detail.address("to", ANN),
                        Detail.text("by", "root"),
                        Detail.word("n", 1))))
                .isEqualTo("event=queue-remove id=0123456789abcdef to=<ann@dest.test> by=\"root\" n=1");
        assertThat(EventText.of(MessageNote.failure(Kind.MAILBOXES_FAILED, ID, new IllegalStateException())))
                .isEqualTo("event=mailbox-failed id=0123456789abcdef");
    }

    @Test
    @DisplayName("the trace has the lines that name a message, and only those")
    void trace(@TempDir Path folder) throws Exception {
        try (MessageTrace trace = new MessageTrace(folder, new MessageTraceSettings(true, true, 7, 100_000))) {
            EventLog log = new EventLog(trace);
            log.accepted(accepted(1));
            log.loggedIn(new Login(Login.Protocol.SMTP, CLIENT, KIM, 0));
            log.noted(MessageNote.of(Kind.BOUNCE_NOT_WANTED, ID));
        }
        Map<String, List<String>> found = MessageTrace.find(folder, "r0@dest.test", 10);
        assertThat(found).containsOnlyKeys(ID.toString());
        assertThat(found.get(ID.toString()))
                .satisfiesExactly(
                        line -> assertThat(line).contains("Z event=message-accepted session=s1 "),
                        line -> assertThat(line).endsWith("Z event=bounce-not-wanted id=" + ID));
    }

    @Test
    @DisplayName("a line of the trace tells the outcome of a delivery")
    void outcomes() {
        String time = "2026-11-21T10:00:00.007Z ";
        DestinationFailure failure = new DestinationFailure(ID, "dest.test", "event=delivered id=x", 1, Duration.ZERO);
        assertThat(TraceOutcome.of(time + EventText.of(EventText.EXPIRED, failure)))
                .isEqualTo(TraceOutcome.FAILED);
        assertThat(TraceOutcome.of(time + EventText.of(EventText.DEFERRED, failure)))
                .isEqualTo(TraceOutcome.DEFERRED);
        assertThat(TraceOutcome.of(time + EventText.of(accepted(1)))).isEqualTo(TraceOutcome.NONE);
    }
}
