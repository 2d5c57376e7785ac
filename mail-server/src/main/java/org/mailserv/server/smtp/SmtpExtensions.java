package org.mailserv.server.smtp;

import java.util.ArrayList;
import java.util.List;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.tls.TlsMode;

/** What EHLO and LHLO announce: what can be used in this state, and nothing else. RFC 5321, 4.1.1.1. */
final class SmtpExtensions {
    private SmtpExtensions() {}

    static SmtpReply reply(
            SmtpServices services, SmtpEndpoint endpoint, SmtpClientState client, List<String> mechanisms) {
        SmtpConfig config = services.config();
        List<String> lines = new ArrayList<>();
        lines.add(services.hostname() + " greets you");
        lines.add("PIPELINING");
        lines.add("SIZE " + config.maxMessageSize());
        lines.add("8BITMIME");
        lines.add("SMTPUTF8");
        lines.add("ENHANCEDSTATUSCODES");
        lines.add("CHUNKING");
        lines.add("BINARYMIME");
        lines.add("DSN");
        lines.add("LIMITS RCPTMAX=" + config.maxRecipients());
        if (endpoint.tls() == TlsMode.STARTTLS && !client.secure) {
            lines.add("STARTTLS");
        }
        if (client.secure) {
            lines.add("REQUIRETLS");
        }
        if (!mechanisms.isEmpty()) {
            lines.add("AUTH " + String.join(" ", mechanisms));
        }
        if (config.etrn() && endpoint.kind() == SmtpEndpoint.Kind.SMTP) {
            lines.add("ETRN");
        }
        if (client.peer.xclient()) {
            lines.add("XCLIENT NAME ADDR PORT PROTO HELO LOGIN");
        }
        lines.add("HELP");
        return new SmtpReply(250, null, lines);
    }
}
