package org.mailserv.server.dns.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.TcpDnsResponseDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/** Whatever a server on the way answers: an answer of bounded size, or an exception that becomes a temporary failure. */
class ResponseFuzzTest {
    private static final List<DnsRecordType> TYPES =
            List.of(DnsRecordType.A, DnsRecordType.AAAA, DnsRecordType.MX, DnsRecordType.TXT, DnsRecordType.PTR);

    @FuzzTest(maxDuration = "2m")
    void answer(byte[] data) {
        if (data.length > 65_535) {
            return;
        }
        EmbeddedChannel channel = new EmbeddedChannel(new TcpDnsResponseDecoder());
        ByteBuf message =
                Unpooled.buffer(data.length + 2).writeShort(data.length).writeBytes(data);
        try {
            channel.writeInbound(message);
            for (Object read = channel.readInbound(); read != null; read = channel.readInbound()) {
                try {
                    if (read instanceof DnsResponse response) {
                        look(response);
                    }
                } finally {
                    ReferenceCountUtil.release(read);
                }
            }
        } catch (DecoderException e) {
            assertThat(e).isNotNull();
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private static void look(DnsResponse message) {
        for (DnsRecordType type : TYPES) {
            try {
                Response response = Response.read(message, "a.test", type);
                assertThat(response.records()).hasSizeLessThanOrEqualTo(500);
                assertThat(response.ttl()).isNotNegative();
            } catch (RuntimeException e) {
                // Said in its contract; whoever asks takes it for a failure of that server.
                assertThat(e).isNotNull();
            }
        }
    }
}
