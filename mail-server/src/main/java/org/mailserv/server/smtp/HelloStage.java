package org.mailserv.server.smtp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;

/** Handles HELO, EHLO and LHLO. RFC 5321, 4.1.1.1; RFC 2033, 4.1. */
final class HelloStage {
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
        SmtpReply refusal = session.services.checks().helo(session.checkedClient(), name);
        if (refusal == null) {
            session.transaction.abort();
            client.hello = name;
            client.extended = extended;
        }
        return refusal;
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
