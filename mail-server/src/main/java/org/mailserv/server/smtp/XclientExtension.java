package org.mailserv.server.smtp;

import io.netty.util.NetUtil;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** XCLIENT, Postfix's extension: a trusted proxy or content filter names the client that it acts for. */
final class XclientExtension implements EsmtpExtension {
    private static final Logger LOG = LoggerFactory.getLogger(XclientExtension.class);
    private static final SmtpReply NOT_AUTHORIZED = SmtpReply.of(550, "5.7.0", "Not authorized");
    private static final SmtpReply BAD_ATTRIBUTE = SmtpReply.of(501, "5.5.4", "Bad attribute");

    @Override
    public @Nullable String line(SessionContext session) {
        return session.client.peer.xclient() ? "XCLIENT NAME ADDR PORT PROTO HELO LOGIN" : null;
    }

    @Override
    public List<SmtpVerb<?>> verbs() {
        return List.of(SmtpVerb.of(
                        "XCLIENT",
                        SmtpCommand.Xclient.class,
                        EnumSet.of(SessionState.CONNECTED, SessionState.READY),
                        (stages, command) -> SessionContext.done(
                                replaceClient(stages.context(), XclientAttributes.of(command.attributes()))))
                .dependingOn(session -> session.client.peer.xclient() ? null : NOT_AUTHORIZED));
    }

    /** Restarts the session with the client that the attributes name, which has none of the proxy's rights. */
    private static SmtpReply replaceClient(SessionContext session, XclientAttributes attributes) {
        if (!attributes.understood()) {
            return BAD_ATTRIBUTE;
        }
        SmtpClientState client = session.client;
        SmtpPeer proxy = client.peer;
        String address = attributes.address();
        client.forget();
        client.address = address == null ? client.address : NetUtil.createInetAddressFromIpAddressString(address);
        client.peer = new SmtpPeer(
                address == null ? proxy.address() : address,
                address == null && proxy.mayRelay(),
                address == null && proxy.plaintextAuth(),
                true,
                attributes.name());
        LOG.info("event=xclient session={} front={} peer={}", session.id, proxy.address(), client.peer.address());
        return session.greeting();
    }
}
