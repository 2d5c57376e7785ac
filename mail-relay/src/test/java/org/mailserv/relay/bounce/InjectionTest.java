package org.mailserv.relay.bounce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.relay.testing.RelayFixture;
import org.mailserv.relay.testing.ScriptedSmtpServer;
import org.mailserv.relay.testing.ScriptedSmtpServer.Stage;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Recipient;

/** What other servers and senders said is quoted in notices, and ends no field and no part of them. */
@Timeout(30)
class InjectionTest {
    private static final String EVIL = "evil\r\nX-Evil: 1\r\n\r\n--=_x\u001b[2J\0";
    private static final String EVIL_XTEXT = "x+0D+0AX-Evil:+201+0D+0A+0D+0A+1B";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "550-5.1.1 first\r\n550 5.1.1 \u001b[2J\0\u007f X-Evil: 1",
                "550-5.1.1 X-Evil: 1\r\n550-X-Evil: 2\r\n550 X-Evil: 3",
                "550 \tX-Evil: 1",
                "550-5.1.1\r\n550-\r\n550 5.1.1 --=_boundary--"
            })
    @DisplayName("a server's words stay in one field")
    void replies(String reply) throws Exception {
        String notice = bounced(reply, envelope -> envelope);
        // What is folded in fields and prose has no line of its own.
        assertThat(notice).contains("Diagnostic-Code: smtp; 550");
        clean(notice);
    }

    @Test
    @DisplayName("HELO, PTR, ENVID and ORCPT stay in their fields")
    void envelopes() throws Exception {
        String notice = bounced("550 5.1.1 no", envelope -> {
            Arrival before = envelope.arrival();
            Arrival arrival = new Arrival(before.time(), "ESMTP", "192.0.2.7", EVIL, EVIL, null, null);
            Recipient first = envelope.recipients().get(0);
            Recipient recipient = new Recipient(first.address(), null, null, "rfc822;" + EVIL_XTEXT, null);
            return new Envelope(
                    envelope.id(),
                    envelope.sender(),
                    List.of(recipient),
                    arrival,
                    envelope.body(),
                    false,
                    false,
                    null,
                    EVIL_XTEXT,
                    null,
                    null);
        });
        assertThat(notice).contains("Original-Envelope-Id: x").contains("Original-Recipient: rfc822; x");
        clean(notice);
    }

    private static void clean(String notice) {
        String ours = notice.substring(0, notice.indexOf("Subject: hello"));
        assertThat(ours).doesNotContain("\nX-Evil").matches("(?s)[\r\n\t -~]*");
        assertThat(ours.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n");
    }

    private static String bounced(String reply, UnaryOperator<Envelope> change) throws Exception {
        try (ScriptedSmtpServer server = new ScriptedSmtpServer("127.0.0.2", "PIPELINING");
                RelayFixture fixture = new RelayFixture(RelayFixture.config(server.port(), s -> s))) {
            fixture.dns.mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "127.0.0.2");
            server.script((stage, line, connection) -> stage == Stage.RCPT ? reply : null);
            fixture.send(change, "joe@example.org", "Subject: hello\r\n\r\ntext\r\n", "ann@dest.test");
            await().until(() -> !fixture.bounces().isEmpty());
            return fixture.bounces().get(0);
        }
    }
}
