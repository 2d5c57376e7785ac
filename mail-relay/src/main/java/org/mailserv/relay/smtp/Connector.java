package org.mailserv.relay.smtp;

import io.netty.channel.ChannelHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/** Opens TCP connections. Simulations provide their own implementation. */
public interface Connector {
    /**
     * Connects. Called on the relay's event loop.
     *
     * @param initializer sets up the pipeline
     * @param failed receives the reason if the connection fails; success is visible in the pipeline
     */
    void connect(InetSocketAddress address, Duration timeout, ChannelHandler initializer, Consumer<String> failed);
}
