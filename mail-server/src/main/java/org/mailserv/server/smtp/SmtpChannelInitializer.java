package org.mailserv.server.smtp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpServerCodec;
import org.mailserv.codec.smtp.SmtpServerLimits;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.ClientAddress;
import org.mailserv.server.net.OctetCounter;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.tls.ServerTls;
import org.mailserv.server.tls.TlsMode;

/** Builds the pipeline of a receiving connection. */
public final class SmtpChannelInitializer extends ChannelInitializer<Channel> {
    private final SmtpServices services;
    private final SmtpEndpoint endpoint;
    private final Networks networks;
    private final @Nullable ServerTls tls;
    private final SessionRegistry sessions;
    private final SmtpServerLimits limits;

    /**
     * The networks whose clients have special rights.
     *
     * @param relay clients that may send to other domains
     * @param plaintextAuth clients that may authenticate with a password without TLS
     * @param xclient proxies and content filters that may use XCLIENT
     */
    public record Networks(CidrSet relay, CidrSet plaintextAuth, CidrSet xclient) {}

    /** @param tls null for a listener without TLS */
    public SmtpChannelInitializer(
            SmtpServices services,
            SmtpEndpoint endpoint,
            Networks networks,
            @Nullable ServerTls tls,
            SessionRegistry sessions) {
        this.services = services;
        this.endpoint = endpoint;
        this.networks = networks;
        this.tls = tls;
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
        InetAddress address = ClientAddress.of(channel);
        String text = NetUtil.toAddressString(address);
        // A submission client has to authenticate; its address gives no rights.
        boolean relay =
                endpoint.kind() == SmtpEndpoint.Kind.SMTP && networks.relay().contains(address);
        SmtpPeer peer = new SmtpPeer(
                text,
                relay,
                networks.plaintextAuth().contains(address),
                networks.xclient().contains(address),
                null);
        SessionRegistry.Session view = sessions.open(endpoint.kind().session(), text);
        SmtpServerCodec codec = new SmtpServerCodec(limits);
        SmtpSession session = new SmtpSession(view.id(), services, endpoint, peer, channel.eventLoop());
        session.connected(address);
        if (endpoint.tls() == TlsMode.IMPLICIT && tls != null) {
            channel.pipeline().addLast("tls", tls.newHandler(channel.alloc()));
        }
        channel.pipeline()
                .addLast("octets", new OctetCounter(view))
                .addLast("codec", codec)
                .addLast("session", new SmtpSessionHandler(session, services.config(), codec, view, tls));
    }
}
