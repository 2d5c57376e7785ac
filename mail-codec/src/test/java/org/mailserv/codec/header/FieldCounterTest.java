package org.mailserv.codec.header;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class FieldCounterTest {
    @Test
    void countsInTheHeaderOnlyHoweverItIsCut() {
        String message =
                "Received: a\r\n b\r\nreceived: c\r\nX-Received: d\r\nReceive: e\r\nRECEIVED:f\r\n\r\nReceived: g\r\n";
        for (int cut = 1; cut <= message.length(); cut++) {
            FieldCounter counter = new FieldCounter("Received");
            for (int at = 0; at < message.length(); at += cut) {
                String piece = message.substring(at, Math.min(message.length(), at + cut));
                counter.look(Unpooled.copiedBuffer(piece, StandardCharsets.US_ASCII));
            }
            assertThat(counter.count()).as("pieces of %d", cut).isEqualTo(3);
            assertThat(counter.isHeaderOver()).isTrue();
        }
    }

    @Test
    void countsTheTracesOfOneHost() {
        FieldCounter counter = FieldCounter.ofTracesBy("mx.Example.org");
        counter.look(Unpooled.copiedBuffer(
                "Received: from a\r\n\tby mx.example.org (mailserv) with ESMTP\r\nReceived: from b\r\n\tby mx.example.org.uk (x)\r\n"
                        + "\r\n\tby mx.example.org (mailserv)\r\n",
                StandardCharsets.US_ASCII));
        assertThat(counter.count()).isEqualTo(1);
    }

    @Test
    void writesDates() {
        assertThat(MailDate.format(Instant.parse("2026-11-05T01:02:03Z"), ZoneOffset.UTC))
                .isEqualTo("Thu, 5 Nov 2026 01:02:03 +0000");
        assertThat(MailDate.format(Instant.parse("2026-11-05T01:02:03Z"), ZoneOffset.ofHours(-8)))
                .isEqualTo("Wed, 4 Nov 2026 17:02:03 -0800");
    }
}
