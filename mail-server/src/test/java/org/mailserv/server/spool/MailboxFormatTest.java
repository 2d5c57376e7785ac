package org.mailserv.server.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;

class MailboxFormatTest {
    private static final ReversePath SENDER = new ReversePath(new Address("kim", "sample.org"));
    private static final String RECEIVED = "Received: from a\r\n\tby b; Sat, 21 Nov 2026 10:00:00 +0000\r\n";

    private static String fill(ReversePath sender, String trace, int room) {
        ByteBuf octets = Unpooled.copiedBuffer("skipped" + trace, StandardCharsets.ISO_8859_1);
        octets.skipBytes("skipped".length());
        byte[] filled = MailboxFormat.fill(sender, octets, room);
        assertThat(octets.readableBytes()).isEqualTo(trace.length());
        return filled == null ? null : new String(filled, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 500, 900})
    @DisplayName("the room is filled at a fold, and nothing but white space there has changed")
    void fillsTheRoom(int padding) {
        String expected = "Return-Path: <kim@sample.org>\r\n" + RECEIVED;
        String filled = fill(SENDER, RECEIVED, expected.length() + padding);
        assertThat(filled).hasSize(expected.length() + padding);
        assertThat(filled.replace("\t" + " ".repeat(padding), "\t")).isEqualTo(expected);
        assertThat(filled.lines()).allMatch(line -> line.length() <= 998);
    }

    @Test
    @DisplayName("what has no fold, no fold of a line that stays short, or no room, is not forced in")
    void isNotForced() {
        String folded = "A: b\r\n c\r\n";
        int returnPath = MailboxFormat.returnPath(SENDER).length;
        assertThat(fill(SENDER, "A: b\r\n", returnPath + 100)).isNull();
        assertThat(fill(SENDER, "A: b\r\n", returnPath + 6)).isNotNull();
        assertThat(fill(SENDER, "", returnPath + 1)).isNull();
        assertThat(fill(SENDER, folded, returnPath + 8)).isNull();
        assertThat(fill(SENDER, folded, returnPath + 1200)).isNull();
        assertThat(fill(SENDER, "A: b\r\n " + "x".repeat(600) + "\r\n\tc\r\n", returnPath + 1100))
                .contains("x\r\n\t  ");
    }

    @Test
    @DisplayName("the null reverse-path has a line, too")
    void nullSender() {
        assertThat(new String(MailboxFormat.returnPath(ReversePath.NULL), StandardCharsets.US_ASCII))
                .isEqualTo("Return-Path: <>\r\n");
        assertThat(MailboxFormat.room(ReversePath.NULL))
                .isEqualTo("Return-Path: <>\r\n".length() + MailboxFormat.TRACE_ROOM);
    }
}
