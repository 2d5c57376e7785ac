package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mailserv.relay.testing.RelayFixture;
import org.mailserv.relay.testing.ScriptedSmtpServer;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.RecipientState.Status;

/** An operator's orders for the queue of a running relay. */
class QueueAdminTest {
    private static final String TEXT = "Subject: hello\r\n\r\nbody\r\n";
    private static final String JOE = "joe@example.org";

    private ScriptedSmtpServer server;
    private RelayFixture fixture;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedSmtpServer("127.0.0.2");
        fixture = new RelayFixture(RelayFixture.config(
                server.port(), s -> s.with(each -> each.schedule = List.of(Duration.ofHours(1)))));
        server.script((stage, line, c) -> stage == ScriptedSmtpServer.Stage.RCPT ? "450 4.2.1 Later" : null);
        for (String domain : new String[] {"one.test", "two.test"}) {
            fixture.dns.mx(domain, 10, "mx.dest.test");
        }
        fixture.dns.host("mx.dest.test", "127.0.0.2");
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
        server.close();
    }

    private String waiting(String from, String... to) {
        String id = fixture.send(from, TEXT, to);
        await().untilAsserted(() -> assertThat(list(ids(id)))
                .singleElement()
                .satisfies(view -> assertThat(view.recipients())
                        .allMatch(one -> one.reply() != null && one.nextTry() != null)
                        .allMatch(one -> one.nextTry().isAfter(Instant.now().plusSeconds(1800)))));
        return id;
    }

    private List<QueueView> list(QueueFilter filter) {
        return fixture.relay.admin().list(filter).toCompletableFuture().join();
    }

    private QueueResult act(QueueAdmin.Action action, QueueFilter filter) {
        return fixture.relay
                .admin()
                .act(new QueueOrder(action, filter, "ann", "wrong list", false))
                .toCompletableFuture()
                .join();
    }

    private static QueueFilter ids(String... ids) {
        return new QueueFilter(Set.of(ids), null, null, null, 0);
    }

    private static QueueFilter domain(String domain) {
        return new QueueFilter(Set.of(), null, null, domain, 0);
    }

    private List<Status> statuses(String id) {
        return fixture.state(id).recipients().stream().map(one -> one.status()).toList();
    }

    @Test
    void removeLeavesTheOtherRecipientsOfTheMessage() {
        String id = waiting(JOE, "a@one.test", "b@two.test", "c@one.test");

        QueueResult result = act(QueueAdmin.Action.REMOVE, domain("One.test"));

        assertThat(result.recipients()).isEqualTo(2);
        assertThat(result.changes().get(0).recipients()).containsExactly("a@one.test", "c@one.test");
        assertThat(result.problems()).isEmpty();
        await().untilAsserted(
                        () -> assertThat(statuses(id)).containsExactly(Status.REMOVED, Status.PENDING, Status.REMOVED));
        assertThat(fixture.queued()).isEqualTo(1);
        assertThat(fixture.bounces()).isEmpty();
        act(QueueAdmin.Action.REMOVE, new QueueFilter(Set.of(), null, "B@TWO.test", null, 0));
        await().untilAsserted(() -> assertThat(fixture.queued()).isZero());
    }

    private DestinationView destination(String domain) {
        return fixture.relay
                .admin()
                .destinations(List.of(domain, "nothing.test", ""))
                .toCompletableFuture()
                .join()
                .get(domain);
    }

    @Test
    void showsConnectionsTlsAndBackOffOfDestinations() {
        waiting(JOE, "a@one.test");

        await().untilAsserted(() -> assertThat(destination("one.test").tls()).isNotNull());
        assertThat(destination("one.test").tls().describe()).isEqualTo("none");
        assertThat(destination("one.test").backOffUntil()).isNull();
        assertThat(destination("one.test").failures()).isZero();
        assertThat(destination("one.test").failingSince()).isNull();
        assertThat(destination("nothing.test")).isNull();

        fixture.dns.mx("down.test", 10, "mx.down.test");
        fixture.dns.host("mx.down.test", "127.0.0.77");
        fixture.send(JOE, TEXT, "x@down.test");
        await().untilAsserted(() -> {
            assertThat(destination("down.test").failures()).isEqualTo(1);
            assertThat(destination("down.test").backOffUntil())
                    .isCloseTo(Instant.now().plusSeconds(3600), within(10, ChronoUnit.MINUTES));
        });
        assertThat(destination("down.test").connections()).isZero();
        assertThat(destination("down.test").tls()).isNull();
        assertThat(destination("down.test").failingSince()).isBeforeOrEqualTo(Instant.now());
    }

    @Test
    void aDryRunChangesNothing() {
        String id = waiting(JOE, "a@one.test", "b@two.test");

        QueueResult result = fixture.relay
                .admin()
                .act(new QueueOrder(QueueAdmin.Action.BOUNCE, domain("one.test"), "ann", "", true))
                .toCompletableFuture()
                .join();

        assertThat(result.recipients()).isEqualTo(1);
        assertThat(statuses(id)).containsOnly(Status.PENDING);
        assertThat(fixture.bounces()).isEmpty();
    }

    @Test
    void bounceTellsTheSenderOfThoseRecipientsAndLeavesTheOthers() {
        String id = waiting(JOE, "a@one.test", "b@two.test");

        QueueResult result = act(QueueAdmin.Action.BOUNCE, new QueueFilter(Set.of(id), null, "a@one.test", null, 0));

        assertThat(result.recipients()).isEqualTo(1);
        assertThat(statuses(id)).containsExactly(Status.FAILED, Status.PENDING);
        assertThat(fixture.bounces())
                .singleElement()
                .asString()
                .contains("cancelled by an administrator")
                .contains("wrong list")
                .contains("450 4.2.1 Later")
                .contains("Final-Recipient: rfc822; a@one.test")
                .contains("Status: 5.0.0")
                .doesNotContain("b@two.test");
        assertThat(list(QueueFilter.all()))
                .singleElement()
                .satisfies(view -> assertThat(view.recipients())
                        .extracting(QueueView.RecipientView::status)
                        .containsExactly(RecipientState.Status.FAILED, RecipientState.Status.PENDING));
    }

    @Test
    void aNoticeCannotBeBouncedAndIsNotDropped() {
        String id = waiting("", "a@one.test");

        QueueResult result = act(QueueAdmin.Action.BOUNCE, domain("one.test"));

        assertThat(result.changes()).isEmpty();
        assertThat(result.problems()).singleElement().asString().contains("has no sender to return it to");
        assertThat(statuses(id)).containsOnly(Status.PENDING);
    }

    @Test
    void holdSaysByWhomAndWhyAndReleaseIsCounted() {
        String id = waiting(JOE, "a@one.test");

        QueueResult held = act(QueueAdmin.Action.HOLD, ids(id));

        QueueView view = held.changes().get(0).view();
        assertThat(view.queue()).isEqualTo(QueueState.HOLD);
        assertThat(view.nextAttempt()).isNull();
        Hold hold = view.hold();
        assertThat(hold).isNotNull();
        assertThat(hold.by()).isEqualTo(Hold.By.OPERATOR);
        assertThat(hold.reason()).isEqualTo("operator ann: wrong list");
        assertThat(hold.since()).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
        assertThat(act(QueueAdmin.Action.RETRY, ids(id)).problems())
                .singleElement()
                .asString()
                .contains("is on hold");

        QueueResult released = act(QueueAdmin.Action.RELEASE, ids(id));

        assertThat(released.changes().get(0).view().hold()).isNull();
        assertThat(act(QueueAdmin.Action.RELEASE, ids(id)).problems())
                .singleElement()
                .asString()
                .contains("is not on hold");
        assertThat(act(QueueAdmin.Action.RELEASE, QueueFilter.all()).skipped()).isEqualTo(1);
    }

    @Test
    void anIdThatIsNotThereIsAProblemForEveryAction() {
        for (QueueAdmin.Action action : QueueAdmin.Action.values()) {
            QueueResult result = act(action, ids("0123456789abcdef", "no-id"));
            assertThat(result.changes()).isEmpty();
            assertThat(result.problems()).hasSize(2).allMatch(line -> line.contains("no message in the queue"));
        }
    }

    @Test
    void ageSelects() {
        waiting(JOE, "a@one.test");

        assertThat(list(new QueueFilter(Set.of(), null, null, null, 0, Duration.ofHours(1))))
                .isEmpty();
        assertThat(list(new QueueFilter(Set.of(), null, null, null, 0, Duration.ZERO)))
                .hasSize(1);
    }

    @Test
    void aMessageThatWasNeverTriedShowsTheBackOffOfItsDestination() throws Exception {
        server.close();
        String first = fixture.send(JOE, TEXT, "a@one.test");
        await().untilAsserted(() -> assertThat(fixture.state(first).attempts()).isEqualTo(1));
        fixture.send(JOE, TEXT, "b@one.test");

        await().untilAsserted(() -> assertThat(list(new QueueFilter(Set.of(), null, "b@one.test", null, 0)))
                .singleElement()
                .satisfies(view -> {
                    QueueView.RecipientView one = view.recipients().get(0);
                    assertThat(one.nextTry()).isAfter(Instant.now().plusSeconds(1800));
                    assertThat(one.waiting()).contains("deliveries to one.test are paused: 1 attempt has failed since");
                }));
    }
}
