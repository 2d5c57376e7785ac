package org.mailserv.server.smtp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.smtp.SmtpReply;

/** Handles HELO, EHLO and LHLO. RFC 5321, 4.1.1.1; RFC 2033, 4.1. */
final class HelloStage {
    private static final SmtpReply OWN_NAME = SmtpReply.of(550, "5.7.1", "HELO name is this server's own name");
    private static final SmtpReply NO_HOST_NAME = SmtpReply.of(
            550, "5.7.1", "HELO name is not a host name (expected: a fully qualified name or an address literal)");

    private final SessionContext session;
    private final List<? extends EhloKeyword> keywords;

    HelloStage(SessionContext session, List<? extends EhloKeyword> keywords) {
        this.session = session;
        this.keywords = keywords;
    }

    /** Handles HELO, which announces no extensions. */
    SmtpReply helo(String name) {
        SmtpReply refusal = begin(name, false);
        return refusal == null ? SmtpReply.of(250, session.services.hostname()) : refusal;
    }

    /** Handles EHLO or LHLO. */
    SmtpReply ehlo(String name) {
        SmtpReply refusal = begin(name, true);
        return refusal == null ? extensions() : refusal;
    }

    private @Nullable SmtpReply begin(String name, boolean extended) {
        SmtpClientState client = session.client;
        SmtpPeer peer = client.peer;
        if (peer.mayRelay()
                && client.address != null
                && !session.services.gateways().isTrusted(client.address, name)) {
            client.peer = new SmtpPeer(peer.address(), false, false, peer.xclient(), peer.name());
        }
        SmtpReply refusal = session.config().checkHelo() && !client.mayRelay() ? nameRefusal(name) : null;
        if (refusal == null) {
            session.transaction.abort();
            client.hello = name;
            client.extended = extended;
        }
        return refusal;
    }

    /** Refuses a name that no other mail server can have. RFC 5321, 4.1.1.1 and 4.1.3. */
    private @Nullable SmtpReply nameRefusal(String name) {
        if (DomainNames.same(name, session.services.hostname())) {
            return OWN_NAME;
        }
        return name.indexOf('.') < 0 && !name.startsWith("[") ? NO_HOST_NAME : null;
    }

    /** Returns the reply that lists the extensions which the client can use now. */
    private SmtpReply extensions() {
        List<String> lines = new ArrayList<>();
        lines.add(session.services.hostname() + " greets you");
        for (EhloKeyword keyword : keywords) {
            String line = keyword.line(session);
            if (line != null) {
                lines.add(line);
            }
        }
        return new SmtpReply(250, null, lines);
    }
}
