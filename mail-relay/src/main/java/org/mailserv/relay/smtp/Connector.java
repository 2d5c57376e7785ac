package org.mailserv.relay.smtp;

import io.netty.channel.ChannelHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/** Makes TCP connections: the seam that a simulator takes the place of. */
public interface Connector {
    /**
     * Connects. On the relay's loop.
     *
     * @param initializer makes the pipeline
     * @param failed gets the reason when no connection comes about; success shows in the pipeline
     */
    void connect(InetSocketAddress address, Duration timeout, ChannelHandler initializer, Consumer<String> failed);
}
