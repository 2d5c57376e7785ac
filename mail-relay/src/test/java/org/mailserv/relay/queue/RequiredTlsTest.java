package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.testing.RelayFixture;
import org.mailserv.relay.testing.ScriptedSmtpServer;
import org.mailserv.server.spool.RecipientState.Status;

/** Where TLS is required, a server without it makes mail wait: it is not returned, and never sent in clear text. */
@Timeout(60)
class RequiredTlsTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "502 5.5.1 Not implemented", "554 5.7.3 No", "454 4.7.0 Not now"})
    void mail_waits_for_tls(String reply) throws Exception {
        String[] extensions = reply.isEmpty() ? new String[0] : new String[] {"STARTTLS"};
        try (ScriptedSmtpServer server = new ScriptedSmtpServer("127.0.0.1", extensions);
                RelayFixture fixture = new RelayFixture(
                        RelayFixture.config(server.port(), s -> s.with(each -> each.tls = TlsPolicy.MUST)))) {
            server.script((stage, line, c) -> line.equalsIgnoreCase("STARTTLS") && !reply.isEmpty() ? reply : null);
            fixture.dns.mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "127.0.0.1");

            String id = fixture.send("joe@example.org", "Subject: hello\r\n\r\nbody\r\n", "ann@dest.test");

            await().untilAsserted(() -> assertThat(server.connections()).isGreaterThan(1));
            assertThat(fixture.status(id)).isNotIn(Status.FAILED, Status.DELIVERED);
            assertThat(server.received()).isEmpty();
            assertThat(fixture.bounces()).isEmpty();
        }
    }
}
