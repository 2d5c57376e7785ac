package org.mailserv.pop3;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.mailserv.codec.pop3.Pop3ServerCodec;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.SessionRegistry;

/** The whole pipeline of a POP3 connection. */
public final class Pop3ChannelInitializer extends ChannelInitializer<Channel> {
    private final Pop3Login.Services services;
    private final String hostname;
    private final CidrSet plaintextNetworks;
    private final CidrSet passwordlessNetworks;
    private final Executor disk;
    private final SessionRegistry sessions;

    /**
     * @param plaintextNetworks whose clients may log in without TLS
     * @param passwordlessNetworks whose clients may open accounts without a password that are declared so (M15)
     * @param disk reads message files; bounded
     */
    public Pop3ChannelInitializer(
            Pop3Login.Services services,
            String hostname,
            CidrSet plaintextNetworks,
            CidrSet passwordlessNetworks,
            Executor disk,
            SessionRegistry sessions) {
        this.services = services;
        this.hostname = hostname;
        this.plaintextNetworks = plaintextNetworks;
        this.passwordlessNetworks = passwordlessNetworks;
        this.disk = disk;
        this.sessions = sessions;
    }

    @Override
    protected void initChannel(Channel channel) {
        InetAddress address = channel.remoteAddress() instanceof InetSocketAddress socket
                ? CidrSet.unmapped(socket.getAddress())
                : InetAddress.getLoopbackAddress();
        Pop3Peer peer = new Pop3Peer(
                NetUtil.toAddressString(address),
                plaintextNetworks.contains(address),
                passwordlessNetworks.contains(address));
        SessionRegistry.Session view = sessions.open("pop3", peer.address());
        Pop3Login login = new Pop3Login(services, peer, hostname, false, false);
        Pop3Session session = new Pop3Session(view.id(), services.config(), login, channel.eventLoop());
        channel.closeFuture().addListener(closed -> view.close());
        channel.pipeline()
                .addLast("codec", new Pop3ServerCodec())
                .addLast(
                        "session",
                        new Pop3SessionHandler(
                                session,
                                services.config(),
                                disk,
                                false,
                                unused -> {},
                                command -> view.command(command.verb())));
    }
}
