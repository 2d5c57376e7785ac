package org.mailserv.server.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mailserv.server.store.Seats;
import org.mailserv.server.store.Seats.Seat;

/** The promises of {@link Seats} to the relay. */
public abstract class SeatsContract {
    private final InetSocketAddress address =
            new InetSocketAddress("192.0.2." + (1 + (int) (Math.random() * 250)), 1024 + (int) (Math.random() * 60000));
    private final List<InetSocketAddress> freed = new CopyOnWriteArrayList<>();
    private Seats seats;

    /** Opens the seats of a node, with two for each address. */
    protected abstract Seats open() throws Exception;

    @BeforeEach
    void openSeats() throws Exception {
        seats = open();
        seats.onFree(freed::add);
    }

    private static Seat get(CompletionStage<Seat> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void thereAreSoManyForEachAddress() throws Exception {
        assertThat(get(seats.take(address))).isNotNull();
        assertThat(get(seats.take(address))).isNotNull();
        assertThat(get(seats.take(address))).isNull();
        assertThat(get(seats.take(address))).isNull();
        Seat elsewhere = get(seats.take(new InetSocketAddress(address.getAddress(), 1023)));
        assertThat(elsewhere).isNotNull();
        elsewhere.free();
    }

    @Test
    void aFreeSeatIsTakenAgainAndWhoWasRefusedIsTold() throws Exception {
        Seat first = get(seats.take(address));
        Seat second = get(seats.take(address));
        assertThat(get(seats.take(address))).isNull();
        freed.clear();
        first.free();
        first.free();
        await().atMost(Duration.ofSeconds(30)).until(() -> freed.contains(address));
        Seat third = get(seats.take(address));
        assertThat(third).isNotNull();
        assertThat(get(seats.take(address))).isNull();
        second.free();
        third.free();
    }
}
