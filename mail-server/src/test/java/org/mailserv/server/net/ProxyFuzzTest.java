package org.mailserv.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;

/** Whatever stands where a proxy's header should: the session begins behind a whole header, or the connection ends. */
class ProxyFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void header(byte[] data) {
        boolean[] began = new boolean[1];
        ChannelHandler session = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel made) {
                began[0] = true;
                made.pipeline().addLast(new ChannelInboundHandlerAdapter());
            }
        };
        EmbeddedChannel channel = new EmbeddedChannel();
        try {
            ProxyProtocolHandler.install(channel, session);
            for (int at = 0; at < data.length && channel.isOpen(); at += 16) {
                channel.writeInbound(Unpooled.copiedBuffer(data, at, Math.min(16, data.length - at)));
            }
            if (began[0]) {
                assertThat(data).startsWith(new byte[] {data[0] == 'P' ? (byte) 'P' : (byte) 0x0d});
            } else {
                assertThat(channel.isOpen() || data.length > 0).isTrue();
            }
            assertThat(ClientAddress.of(channel)).isNotNull();
        } catch (DecoderException e) {
            // The decoder's way to say no; in a real pipeline our handler closes on it.
            assertThat(began[0]).isFalse();
        } finally {
            channel.finishAndReleaseAll();
        }
    }
}
