package org.mailserv.app;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door of all listeners of a kind. Counts connections, and closes at once what is over the bound: a slow answer to a flood would be a second flood.
 */
@ChannelHandler.Sharable
final class ConnectionGate extends ChannelInitializer<Channel> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionGate.class);

    private final ChannelGroup connections;
    private final int most;
    private volatile @Nullable ChannelHandler pipeline;

    ConnectionGate(ChannelGroup connections, int most) {
        this.connections = connections;
        this.most = most;
    }

    /** From now on connections are served by this. */
    void open(ChannelHandler behind) {
        pipeline = behind;
    }

    @Override
    protected void initChannel(Channel channel) {
        ChannelHandler behind = pipeline;
        if (behind == null || connections.size() >= most) {
            LOG.warn("event=connection-refused peer={} open={}", channel.remoteAddress(), connections.size());
            channel.close();
            return;
        }
        connections.add(channel);
        channel.pipeline().addLast(behind);
    }
}
