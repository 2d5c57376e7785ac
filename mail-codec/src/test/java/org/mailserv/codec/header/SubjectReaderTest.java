package org.mailserv.codec.header;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The subject of a message that arrives in pieces. */
class SubjectReaderTest {
    /** Reads a message whole, in single octets, and as a header; all have to agree. */
    private static @Nullable String read(String message) {
        byte[] octets = message.getBytes(StandardCharsets.UTF_8);
        SubjectReader whole = new SubjectReader();
        ByteBuf piece = Unpooled.wrappedBuffer(octets);
        whole.look(piece);
        assertThat(piece.readerIndex()).isZero();
        SubjectReader parts = new SubjectReader();
        for (byte octet : octets) {
            parts.look(Unpooled.wrappedBuffer(new byte[] {octet}));
        }
        assertThat(parts.subject()).isEqualTo(whole.subject());
        return whole.subject();
    }

    @Test
    @DisplayName("the first Subject counts, in any case, unfolded and decoded")
    void reads() {
        assertThat(read("From: a\r\nSUBJECT: one\r\nSubject: two\r\n\r\nbody")).isEqualTo("one");
        assertThat(read("Subject: a\r\n  b\r\n\tc\r\nTo: x\r\n\r\n")).isEqualTo("a  b c");
        assertThat(read("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?IQ==?=\r\n\r\n"))
                .isEqualTo("Grüße!");
        assertThat(read("Subject: Grüße\n\n")).isEqualTo("Grüße");
        assertThat(read("Subject:\r\n\r\n")).isEmpty();
        assertThat(SubjectReader.of(HeaderBlock.read("Subject: =?utf-8?q?=C3=BC?=\r\n\r\n")))
                .isEqualTo("ü");
    }

    @Test
    @DisplayName("there is none in the body, in a folded line, or in a field with a similar name")
    void none() {
        assertThat(read("From: a\r\n\r\nSubject: body\r\n")).isNull();
        assertThat(read("\r\nSubject: body\r\n")).isNull();
        assertThat(read("X-Subject: no\r\nTo: a\r\n Subject: no\r\nSubjects: no\r\n\r\n"))
                .isNull();
        assertThat(read("")).isNull();
    }

    @Test
    @DisplayName("control and direction characters are removed, also encoded ones, and long subjects are cut")
    void hostile() {
        assertThat(read("Subject: a\u0007b\u202Ec =?utf-8?q?=0D=0Aid=3Dx?=\r\n\r\n"))
                .isEqualTo("a b c  id=x");
        assertThat(read("Subject: " + "x".repeat(100_000) + "\r\n\r\n"))
                .hasSize(203)
                .endsWith("...");
        assertThat(read("Subject: " + "\r\n ".repeat(10_000) + "y\r\n\r\n")).isEmpty();
    }
}
