package org.mailserv.pop3;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.pop3.Pop3ServerCodec;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.ClientAddress;
import org.mailserv.server.net.OctetCounter;
import org.mailserv.server.net.SessionKind;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.tls.ServerTls;
import org.mailserv.server.tls.TlsMode;

/** Builds the pipeline of a POP3 connection. */
public final class Pop3ChannelInitializer extends ChannelInitializer<Channel> {
    private final Pop3Login.Services services;
    private final String hostname;
    private final CidrSet plaintextNetworks;
    private final CidrSet passwordlessNetworks;
    private final Executor disk;
    private final TlsMode tlsMode;
    private final @Nullable ServerTls tls;
    private final SessionRegistry sessions;

    /**
     * @param plaintextNetworks client networks that may log in without TLS
     * @param passwordlessNetworks client networks that may open accounts declared as passwordless
     * @param tlsMode whether TLS starts with the connection, by STLS, or not at all
     * @param tls the server's TLS, or null if TLS is not configured
     * @param disk bounded executor that reads message files
     */
    public Pop3ChannelInitializer(
            Pop3Login.Services services,
            String hostname,
            CidrSet plaintextNetworks,
            CidrSet passwordlessNetworks,
            TlsMode tlsMode,
            @Nullable ServerTls tls,
            Executor disk,
            SessionRegistry sessions) {
        this.services = services;
        this.hostname = hostname;
        this.plaintextNetworks = plaintextNetworks;
        this.passwordlessNetworks = passwordlessNetworks;
        this.tlsMode = tls == null ? TlsMode.NONE : tlsMode;
        this.tls = tls;
        this.disk = disk;
        this.sessions = sessions;
    }

    @Override
    protected void initChannel(Channel channel) {
        InetAddress address = ClientAddress.of(channel);
        Pop3Peer peer = new Pop3Peer(
                NetUtil.toAddressString(address),
                plaintextNetworks.contains(address),
                passwordlessNetworks.contains(address));
        boolean secure = tlsMode == TlsMode.IMPLICIT;
        SessionRegistry.Session view = sessions.open(SessionKind.POP3, peer.address());
        Pop3Login login = new Pop3Login(services, peer, hostname, secure, tlsMode == TlsMode.STARTTLS);
        Pop3Session session = new Pop3Session(view.id(), services.config(), login, channel.eventLoop());
        if (secure && tls != null) {
            channel.pipeline().addLast("tls", tls.newHandler(channel.alloc()));
        }
        channel.closeFuture().addListener(closed -> view.close());
        channel.pipeline()
                .addLast("octets", new OctetCounter(view))
                .addLast("codec", new Pop3ServerCodec())
                .addLast(
                        "session",
                        new Pop3SessionHandler(session, services.config(), disk, secure, this::startTls, command -> {
                            view.command(command.verb());
                            view.state(session.state());
                        }));
    }

    private void startTls(Channel channel) {
        if (tls != null) {
            channel.pipeline().addFirst("tls", tls.newHandler(channel.alloc()));
        }
    }
}
