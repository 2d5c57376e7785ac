package org.mailserv.app;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts connections, and closes at once what is over the bound: a slow answer to a flood would be a second flood. */
final class ConnectionGate extends ChannelInitializer<Channel> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionGate.class);

    private final ChannelGroup connections;
    private final int most;
    private final ChannelHandler pipeline;

    ConnectionGate(ChannelGroup connections, int most, ChannelHandler pipeline) {
        this.connections = connections;
        this.most = most;
        this.pipeline = pipeline;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (connections.size() >= most) {
            LOG.warn("event=connection-refused peer={} open={}", channel.remoteAddress(), connections.size());
            channel.close();
            return;
        }
        connections.add(channel);
        channel.pipeline().addLast(pipeline);
    }
}
