package org.mailserv.relay.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.relay.testing.RelayFixture;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.Recipient;

/** RFC 3461, 5.2.3, for mailboxes here: nothing of it needs another server. */
@Timeout(30)
class SuccessNoticeTest {
    private static final MailboxName POSTMASTER = new MailboxName("example.org", "postmaster");
    private static final String MESSAGE = "Message-ID: <1@x>\r\nSubject: x\r\n\r\nsecret body\r\n";

    private static Envelope to(Envelope envelope, Recipient recipient) {
        return new Envelope(
                envelope.id(),
                envelope.sender(),
                List.of(recipient),
                envelope.arrival(),
                envelope.body(),
                false,
                false,
                true,
                "QQ+2B1",
                null,
                null);
    }

    private static List<String> notices(String sender, String original, Set<Notify> events) {
        try (RelayFixture fixture = new RelayFixture(RelayFixture.config(1, settings -> settings))) {
            Recipient recipient = new Recipient(
                    POSTMASTER.address(),
                    POSTMASTER,
                    original == null ? null : new Address(original, "example.org"),
                    "rfc822;some+2Bone@x.test",
                    events);
            fixture.send(envelope -> to(envelope, recipient), sender, MESSAGE, "postmaster@example.org");
            assertThat(fixture.mailboxes.texts(POSTMASTER)).hasSize(1);
            return fixture.bounces();
        }
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "alias")
    @DisplayName(
            "NOTIFY=SUCCESS to a mailbox here: a notice with action, status, ENVID and ORCPT, and without the body")
    void delivered(String original) {
        List<String> notices = notices("joe@example.org", original, Set.of(Notify.SUCCESS));
        assertThat(notices).hasSize(1);
        assertThat(notices.get(0))
                .contains("Original-Envelope-Id: QQ+1")
                .contains("Original-Recipient: rfc822; some+one@x.test")
                .contains("Final-Recipient: rfc822; " + (original == null ? "postmaster" : original) + "@example.org")
                .contains("Action: delivered\r\n")
                .contains("Status: 2.0.0\r\n")
                .contains("In-Reply-To: <1@x>")
                .contains("text/rfc822-headers")
                .doesNotContain("secret body")
                .doesNotContain("Diagnostic-Code")
                .doesNotContain("The reason");
    }

    @Test
    @DisplayName("no notice of success without NOTIFY=SUCCESS, and none to the null sender")
    void nothing() {
        assertThat(notices("joe@example.org", null, null)).isEmpty();
        assertThat(notices("joe@example.org", null, Set.of())).isEmpty();
        assertThat(notices("joe@example.org", null, Set.of(Notify.FAILURE))).isEmpty();
        assertThat(notices("", null, Set.of(Notify.SUCCESS))).isEmpty();
    }
}
