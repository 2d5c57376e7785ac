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
import org.mailserv.server.account.DomainConfig.MailboxConfig;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.delivery.RecipientRouter.Routing;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.testing.InMemoryMailboxes;

/** Domains whose mailboxes are on another server. */
class RoutedDomainTest {
    private static final MailboxConfig MAILBOX = new MailboxConfig("{PLAIN}secret", null, List.of(), 1L, null);

    private final LocalAccounts accounts;
    private final SenderRewriting rewriting;
    private final RecipientRouter router;

    RoutedDomainTest() throws IOException {
        DomainConfig routed = new DomainConfig(
                null, Map.of("joe", MAILBOX), Map.of("team", List.of("joe", "ann@here.test")), null, null, true);
        DomainConfig here = new DomainConfig(null, Map.of("ann", MAILBOX), Map.of(), null, null);
        accounts = new LocalAccounts(Map.of("routed.test", routed, "here.test", here), "here.test", null, null, "+", 1);
        rewriting = new SenderRewriting(new byte[32], accounts, Duration.ofDays(21), Instant::now);
        router = new RecipientRouter(accounts, new InMemoryMailboxes(Runnable::run), rewriting);
    }

    @AfterEach
    void close() {
        accounts.close();
    }

    private static Address address(String text) {
        return Objects.requireNonNull(PathParser.parseAddress(text));
    }

    private Routing route(String recipient) {
        return router.route(address(recipient), null, null, false)
                .toCompletableFuture()
                .join();
    }

    @Test
    @DisplayName(
            "Mail for a mailbox of a routed domain goes to another server, from anybody, whatever is in the mailbox here")
    void mailboxesAreElsewhere() {
        assertThat(route("joe@routed.test"))
                .isEqualTo(new Routing.Accepted(List.of(Recipient.remote(address("joe@routed.test")))));
    }

    @Test
    @DisplayName("Unknown names of a routed domain are refused here")
    void unknownNamesAreRefused() {
        assertThat(route("nobody@routed.test")).isInstanceOf(Routing.Refused.class);
    }

    @Test
    @DisplayName("An alias may lead to mailboxes here and elsewhere, and the sender stays the same for both")
    void aliasesMayMix() {
        List<Recipient> recipients = ((Routing.Accepted) route("team@routed.test")).recipients();
        assertThat(recipients)
                .extracting(recipient -> recipient.address() + (recipient.isLocal() ? " here" : " elsewhere"))
                .containsExactlyInAnyOrder("joe@routed.test elsewhere", "ann@here.test here");

        ReversePath sender = new ReversePath(address("kim@far.test"));
        Envelope envelope = Envelope.of(QueueId.random(), sender, recipients, Arrival.local(Instant.now()));
        assertThat(recipients)
                .allSatisfy(recipient ->
                        assertThat(rewriting.reversePath(envelope, recipient)).isEqualTo(sender));
    }
}
