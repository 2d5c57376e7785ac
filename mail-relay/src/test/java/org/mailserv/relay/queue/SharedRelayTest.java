package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.relay.testing.RelayAssembly;
import org.mailserv.relay.testing.RelayFixture;
import org.mailserv.relay.testing.ScriptedSmtpServer;
import org.mailserv.relay.testing.ScriptedSmtpServer.Stage;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.RecipientState.Status;
import org.mailserv.server.store.DestinationBlocks;
import org.mailserv.server.store.Seats;

/** A relay whose queue and whose connections it shares with other nodes. */
class SharedRelayTest {
    private static final String TEXT = "Subject: hello\r\n\r\nfirst\r\n";

    private final Others others = new Others();
    private ScriptedSmtpServer server;
    private RelayFixture fixture;

    /** What the other nodes do, as the test says. Answers come from other threads. */
    private static final class Others implements Seats, DestinationBlocks {
        final List<String> failures = new ArrayList<>();
        private Consumer<InetSocketAddress> listener = address -> {};
        volatile boolean sure = true;
        volatile boolean wanted;
        volatile Block block;
        private int seats = 1;
        private int refused;

        @Override
        public CompletionStage<Seat> take(InetSocketAddress address) {
            return CompletableFuture.supplyAsync(() -> seat(address), ForkJoinPool.commonPool());
        }

        private synchronized Seat seat(InetSocketAddress address) {
            if (seats == 0) {
                refused++;
                return null;
            }
            seats--;
            return new Seat() {
                private boolean free;

                @Override
                public boolean isWanted() {
                    return wanted;
                }

                @Override
                public void free() {
                    if (!free) {
                        free = true;
                        give(address);
                    }
                }
            };
        }

        synchronized void takeAll() {
            seats = 0;
        }

        void give(InetSocketAddress address) {
            synchronized (this) {
                seats++;
            }
            listener.accept(address);
        }

        synchronized int seats() {
            return seats;
        }

        synchronized int refused() {
            return refused;
        }

        @Override
        public void onFree(Consumer<InetSocketAddress> told) {
            listener = told;
        }

        @Override
        public synchronized void put(String destination, Duration wait, String reason) {
            failures.add(reason);
        }

        synchronized List<String> failures() {
            return List.copyOf(failures);
        }

        @Override
        public CompletionStage<Block> find(String destination) {
            return CompletableFuture.supplyAsync(() -> block, ForkJoinPool.commonPool());
        }
    }

    private void start() throws IOException {
        server = new ScriptedSmtpServer("127.0.0.2", "PIPELINING");
        fixture = new RelayFixture(
                RelayFixture.config(server.port(), settings -> settings),
                new RelayAssembly.Sharing(others, others, () -> others.sure));
        fixture.dns.mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "127.0.0.2");
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
        server.close();
        assertThat(server.violations()).isEmpty();
    }

    private String send() {
        return fixture.send("joe@example.org", TEXT, "ann@dest.test");
    }

    private void awaitDelivered(String id) {
        await().untilAsserted(() -> assertThat(fixture.status(id)).isEqualTo(Status.DELIVERED));
    }

    private void assertNothingIsSentFor(Duration time) {
        await().during(time).atMost(time.plusSeconds(10)).until(() -> server.connections() == 0);
    }

    @Test
    void aSeatIsTakenForAConnectionAndGivenBack() throws IOException {
        start();
        awaitDelivered(send());
        await().until(() -> others.seats() == 1);
    }

    @Test
    void withoutASeatMailWaitsUntilOneIsFree() throws IOException {
        start();
        others.takeAll();
        String id = send();
        await().until(() -> others.refused() == 1);
        assertThat(server.connections()).isZero();
        others.give(new InetSocketAddress("127.0.0.2", server.port()));
        awaitDelivered(id);
    }

    @Test
    @DisplayName("A connection that another node waits for ends after the message in progress")
    void aWantedSeatIsGivenUp() throws IOException {
        start();
        others.wanted = true;
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.add(send());
        }
        ids.forEach(this::awaitDelivered);
        await().until(() -> others.seats() == 1);
    }

    @Test
    void aDestinationThatFailedElsewhereIsNotTriedBeforeItsTime() throws IOException {
        start();
        others.block = new DestinationBlocks.Block(Duration.ofMillis(700), "450 4.7.0 later, says node two");
        String id = send();
        assertNothingIsSentFor(Duration.ofMillis(300));
        assertThat(fixture.relay
                        .admin()
                        .list(QueueFilter.all())
                        .toCompletableFuture()
                        .join()
                        .toString())
                .contains("node two");
        others.block = null;
        awaitDelivered(id);
    }

    @Test
    void aFailureIsToldToOthers() throws IOException {
        start();
        server.script((stage, line, c) -> stage == Stage.GREETING ? "421 4.3.2 closed today" : null);
        send();
        await().untilAsserted(() ->
                assertThat(others.failures()).isNotEmpty().first().asString().contains("closed today"));
    }

    @Test
    void aPauseStopsWhatHasNotBegun() throws IOException {
        start();
        fixture.relay.pause();
        String id = send();
        assertNothingIsSentFor(Duration.ofMillis(300));
        fixture.relay.resume();
        awaitDelivered(id);
    }

    @Test
    void inDoubtNothingIsBegunUntilTheLeaseIsSure() throws IOException {
        start();
        others.sure = false;
        String id = send();
        assertNothingIsSentFor(Duration.ofMillis(300));
        others.sure = true;
        awaitDelivered(id);
        assertThat(server.received()).hasSize(1);
    }

    @Test
    @DisplayName("A message that another node may have by now is not completed: its end is never sent")
    void inDoubtTheEndOfAMessageIsNotSent() throws IOException {
        start();
        server.script((stage, line, c) -> {
            if (stage == Stage.DATA) {
                others.sure = false;
            }
            return null;
        });
        String id = send();
        await().until(() -> !others.sure && others.seats() == 1);
        assertThat(server.received()).isEmpty();
        assertThat(fixture.status(id)).isEqualTo(Status.PENDING);
        server.script((stage, line, c) -> null);
        others.sure = true;
        awaitDelivered(id);
        assertThat(server.received()).hasSize(1);
    }

    @Test
    void lostMessagesAreForgottenAndTheOthersStay() throws Exception {
        start();
        fixture.relay.pause();
        String lost = send();
        String kept = send();
        await().until(() -> fixture.queued() == 2);
        fixture.relay.lost(QueueId.parse(lost)::equals).toCompletableFuture().get(5, TimeUnit.SECONDS);
        assertThat(fixture.queued()).isEqualTo(1);
        fixture.relay.resume();
        awaitDelivered(kept);
        assertThat(fixture.status(lost)).isEqualTo(Status.PENDING);
        assertThat(server.received()).hasSize(1);
    }

    @Test
    @DisplayName("A message in progress is given up only when its delivery has ended and its state is stored")
    void aLostMessageInProgressEndsFirst() throws Exception {
        start();
        CompletableFuture<Void> inside = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        server.script((stage, line, c) -> {
            if (stage == Stage.DATA) {
                inside.complete(null);
                goOn.join();
            }
            return null;
        });
        String id = send();
        inside.get(10, TimeUnit.SECONDS);
        CompletableFuture<Void> given =
                fixture.relay.lost(QueueId.parse(id)::equals).toCompletableFuture();
        await().until(() -> fixture.queued() == 0);
        assertThat(given).isNotDone();
        goOn.complete(null);
        given.get(10, TimeUnit.SECONDS);
        assertThat(fixture.status(id)).isEqualTo(Status.DELIVERED);
    }
}
