package org.mailserv.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.DomainConfig;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;

class SenderRewritingTest {
    private final LocalAccounts accounts;
    private Instant now = Instant.parse("2026-11-21T12:00:00Z");
    private final SenderRewriting rewriting;

    SenderRewritingTest() throws IOException {
        DomainConfig domain = new DomainConfig(null, Map.of(), Map.of(), null, null);
        accounts = new LocalAccounts(Map.of("here.test", domain), null, null, null, "+", 1);
        rewriting = new SenderRewriting(new byte[32], accounts, Duration.ofDays(21), () -> now);
    }

    @AfterEach
    void close() {
        accounts.close();
    }

    private String path(String sender) {
        ReversePath from = sender.isEmpty() ? ReversePath.NULL : new ReversePath(address(sender));
        Recipient recipient = Recipient.remote(address("x@there.test"));
        Envelope envelope = Envelope.of(QueueId.random(), from, List.of(recipient), Arrival.local(now));
        Recipient forwarded = new Recipient(address("x@there.test"), null, address("team@here.test"), null, null);
        return rewriting.reversePath(envelope, forwarded).toString();
    }

    private static Address address(String text) {
        return Objects.requireNonNull(PathParser.parseAddress(text));
    }

    @Test
    void aForeignSenderOfForwardedMailBecomesOneOfOurs() {
        String path = path("Kim=x@far.test");
        assertThat(path).matches("SRS0=[a-z2-7]{5}=[a-z2-7]{2}=far\\.test=Kim=x@here\\.test");
        assertThat(rewriting.original(address(path))).isEqualTo(address("Kim=x@far.test"));
    }

    @Test
    void bouncesAndOurOwnSendersStayAsTheyAre() {
        assertThat(path("")).isEmpty();
        assertThat(path("joe@here.test")).isEqualTo("joe@here.test");
    }

    @Test
    void aSenderThatIsRewrittenAlreadyKeepsItsFirstForwarder() {
        String path = path("SRS0=HHHH=TT=far.test=kim@first.test");
        assertThat(path).matches("SRS1=[a-z2-7]{5}=first\\.test==HHHH=TT=far\\.test=kim@here\\.test");
        assertThat(rewriting.original(address(path))).isEqualTo(address("SRS0=HHHH=TT=far.test=kim@first.test"));
        String again = path(path.replace("@here.test", "@second.test"));
        assertThat(rewriting.original(address(again))).isEqualTo(address("SRS0=HHHH=TT=far.test=kim@first.test"));
    }

    @Test
    void aForgedAChangedAndAnOldOneAreRefused() {
        Address good = address(path("kim@far.test"));
        assertThat(rewriting.original(new Address(good.localPart().replace("kim", "jim"), "here.test")))
                .isNull();
        assertThat(rewriting.original(address("SRS0=aaaaa=aa=far.test=kim@here.test")))
                .isNull();
        assertThat(rewriting.original(address("SRS0=@here.test"))).isNull();
        assertThat(rewriting.original(new Address(good.localPart().toUpperCase(java.util.Locale.ROOT), "here.test")))
                .isNotNull();
        now = now.plus(Duration.ofDays(22));
        assertThat(rewriting.original(good)).isNull();
    }

    @Test
    void aSenderThatWouldGrowTooLongStays() {
        String sender = "a".repeat(250) + "@far.test";
        assertThat(path(sender)).isEqualTo(sender);
    }

    @Test
    @DisplayName("long senders and those with odd dots are rewritten, and their bounces find the way back")
    void rewritesLocalPartsAsTheyOccur() {
        for (String sender : List.of("bounce-" + "9".repeat(120) + "@far.test", "a..b@far.test", "a.@bücher.test")) {
            String rewritten = path(sender);
            assertThat(rewritten)
                    .startsWith(sender.startsWith("a") ? "\"SRS0=" : "SRS0=")
                    .endsWith("@here.test");
            assertThat(rewriting.original(address(rewritten))).isEqualTo(address(sender));
        }
    }
}
