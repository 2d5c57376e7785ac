package org.mailserv.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.relay.config.ConvertSigned;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.spool.MessageContent;

/** Messages that are converted on their way out, and the signatures that they leave with. */
class OutgoingContentTest {
    private static final String HEADER = "From: Joe <joe@example.org>\r\nTo: ann@dest.test\r\nSubject: hello\r\n"
            + "Content-Type: text/plain; charset=utf-8\r\n\r\n";

    @TempDir
    private Path folder;

    private DkimSigner signer;

    private record Text(byte[] octets) implements MessageContent {
        @Override
        public long length() {
            return octets.length;
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            return target.write(ByteBuffer.wrap(octets, (int) position, (int) count));
        }

        @Override
        public FileRegion region(long position, long count) throws IOException {
            throw new IOException("in memory");
        }
    }

    @BeforeEach
    void makeKeys() throws IOException {
        DkimKeys keys = new DkimKeys(folder, InstantSource.system());
        keys.generate("example.org", Instant.now().minusSeconds(60));
        signer = new DkimSigner(keys, InstantSource.system());
    }

    private static ByteBuf octets(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private String signatures(String message) {
        DkimSigner.Scan scan = signer.begin();
        scan.feed(octets(message));
        return scan.sign("").fields();
    }

    private int ownSignatures(String message) {
        DkimSigner.Scan scan = signer.begin();
        scan.feed(octets(message));
        return scan.ownSignatures().size();
    }

    private @Nullable String convert(String message, ConvertSigned signed) throws IOException {
        Text text = new Text(message.getBytes(StandardCharsets.ISO_8859_1));
        try (OutgoingContent content = OutgoingContent.load(text, ByteBufAllocator.DEFAULT);
                OutgoingContent converted =
                        content.converted(ByteBufAllocator.DEFAULT, new Conversion(signer, signed))) {
            if (converted == null) {
                return null;
            }
            String made = read(converted, message);
            assertThat(converted.length()).isEqualTo(made.length());
            assertThat(converted.facts().eightBit()).isFalse();
            assertThat(converted.facts().hasLongLine()).isFalse();
            assertThat(converted.facts().bareLineEnd()).isFalse();
            return made;
        }
    }

    private static String read(OutgoingContent converted, String message) {
        ByteBuf whole = converted.retainedWhole();
        ContentConverter converter = converted.newConverter();
        ByteBuf out = Unpooled.buffer();
        if (whole != null) {
            out.writeBytes(whole);
            whole.release();
        } else if (converter != null) {
            for (int at = 0; at < message.length(); at += 10_000) {
                converter.feed(octets(message.substring(at, Math.min(message.length(), at + 10_000))), out);
            }
            converter.end(out);
        }
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5000})
    void whatWasSignedHereIsSignedAgain(int copies) throws IOException {
        for (String line : List.of("\u00fc\r\n", "x".repeat(2000) + "\r\n", "a\r.\rb\r\n", "a\nb\r\n")) {
            String message = HEADER + line.repeat(copies);
            String received = "Received: from client.test\r\n";
            String converted = convert(received + signatures(message) + message, ConvertSigned.NONE);

            assertThat(converted).isNotNull().startsWith("DKIM-Signature: ");
            assertThat(converted.split("DKIM-Signature:", -1)).hasSize(3);
            assertThat(ownSignatures(converted)).isEqualTo(2);
        }
    }

    @Test
    void aSignatureThatOnlyClaimsToBeOursIsNotReplaced() throws IOException {
        String forged = signatures(HEADER + "other\r\n") + HEADER + "\u00fc\r\n";

        assertThat(convert(forged, ConvertSigned.NONE)).isNull();
        String converted = convert(forged, ConvertSigned.DKIM);
        assertThat(converted).isNotNull();
        assertThat(ownSignatures(converted)).isZero();
    }

    @Test
    void signaturesOfOthersFollowTheSetting() throws IOException {
        String others = "DKIM-Signature: v=1; d=other.test; s=x; b=\r\n" + HEADER + "\u00fc\r\n";
        assertThat(convert(others, ConvertSigned.NONE)).isNull();
        assertThat(convert(others, ConvertSigned.DKIM)).startsWith("DKIM-Signature: v=1; d=other.test");

        String smime = "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\u00fc\r\n--b--\r\n";
        assertThat(convert(smime, ConvertSigned.DKIM)).isNull();
        assertThat(convert(smime, ConvertSigned.ALL)).contains("=FC");
    }

    @Test
    void aMessageWithoutASignatureGetsNone() throws IOException {
        assertThat(convert(HEADER + "\u00fc\r\n", ConvertSigned.NONE)).doesNotContain("DKIM-Signature");
    }
}
