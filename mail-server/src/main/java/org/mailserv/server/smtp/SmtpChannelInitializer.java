package org.mailserv.server.smtp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.mailserv.codec.smtp.SmtpServerCodec;
import org.mailserv.codec.smtp.SmtpServerLimits;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.SessionRegistry;

/** The whole pipeline of a receiving connection. */
public final class SmtpChannelInitializer extends ChannelInitializer<Channel> {
    private final SmtpServices services;
    private final CidrSet relayNetworks;
    private final SessionRegistry sessions;
    private final SmtpServerLimits limits;

    /** @param relayNetworks whose clients may send to other domains */
    public SmtpChannelInitializer(SmtpServices services, CidrSet relayNetworks, SessionRegistry sessions) {
        this.services = services;
        this.relayNetworks = relayNetworks;
        this.sessions = sessions;
        SmtpConfig config = services.config();
        SmtpServerLimits defaults = SmtpServerLimits.defaults();
        this.limits = new SmtpServerLimits(
                defaults.commandLine(),
                defaults.authLine(),
                defaults.textLine(),
                config.refuseLongLines(),
                config.maxMessageSize(),
                config.refuseBareLineEnds());
    }

    @Override
    protected void initChannel(Channel channel) {
        InetAddress address = channel.remoteAddress() instanceof InetSocketAddress socket
                ? CidrSet.unmapped(socket.getAddress())
                : InetAddress.getLoopbackAddress();
        String text = NetUtil.toAddressString(address);
        SmtpPeer peer = new SmtpPeer(text, relayNetworks.contains(address), null);
        SessionRegistry.Session view = sessions.open("smtp", text);
        SmtpServerCodec codec = new SmtpServerCodec(limits);
        SmtpSession session = new SmtpSession(view.id(), services, peer, channel.eventLoop());
        channel.pipeline()
                .addLast("codec", codec)
                .addLast("session", new SmtpSessionHandler(session, services.config(), codec, view));
    }
}
