package org.mailserv.server.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.QueueId;

class RecentMessagesTest {
    private final AtomicLong nanos = new AtomicLong();
    private final RecentMessages recent = new RecentMessages(100, nanos::get);

    private static Envelope envelope() {
        return Envelope.of(
                QueueId.random(),
                ReversePath.NULL,
                List.of(SpoolFixture.remote("a@far.example")),
                new Arrival(Instant.EPOCH, "ESMTP", null, null, null, null, null));
    }

    private static ByteBuf octets(int count) {
        return Unpooled.buffer(count).writeZero(count);
    }

    @Test
    @DisplayName("what is taken is the taker's, and there no more; what nobody asks for goes")
    void takesOnce() {
        Envelope envelope = envelope();
        ByteBuf content = octets(60);
        recent.keep(envelope, content);
        assertThat(recent.octets()).isEqualTo(60);
        RecentMessages.Kept kept = recent.take(envelope.id());
        assertThat(kept.content()).isSameAs(content);
        assertThat(content.refCnt()).isEqualTo(1);
        assertThat(recent.take(envelope.id())).isNull();
        assertThat(recent.octets()).isZero();
        recent.keep(envelope, content);
        recent.forget(envelope.id());
        assertThat(content.refCnt()).isZero();
        assertThat(recent.octets()).isZero();
    }

    @Test
    @DisplayName("where there is no room the new one does not come in; room comes with time, and a closed one has none")
    void isBounded() {
        Envelope envelope = envelope();
        ByteBuf first = octets(60);
        ByteBuf second = octets(60);
        recent.keep(envelope, first);
        assertThat(recent.hasRoom(40)).isTrue();
        assertThat(recent.hasRoom(41)).isFalse();
        recent.keep(envelope(), second);
        assertThat(second.refCnt()).isZero();
        nanos.set(TimeUnit.SECONDS.toNanos(5));
        assertThat(recent.hasRoom(100)).isTrue();
        assertThat(first.refCnt()).isZero();
        assertThat(recent.take(envelope.id())).isNull();
        ByteBuf third = octets(60);
        recent.keep(envelope, third);
        recent.close();
        assertThat(third.refCnt()).isZero();
        assertThat(recent.hasRoom(0)).isFalse();
        ByteBuf fourth = octets(1);
        recent.keep(envelope, fourth);
        assertThat(fourth.refCnt()).isZero();
    }
}
