package org.mailserv.server.smtp;

import java.util.ArrayList;
import java.util.List;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.tls.TlsMode;

/** Says by EHLO, LHLO and HELP what can be used in this state, and nothing else. RFC 5321, 4.1.1.1 and 4.1.1.8. */
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

    /** The commands that this client can use on this listener now. */
    static SmtpReply help(
            SmtpServices services, SmtpEndpoint endpoint, SmtpClientState client, List<String> mechanisms) {
        List<String> commands = new ArrayList<>(endpoint.isLmtp() ? List.of("LHLO") : List.of("HELO", "EHLO"));
        commands.addAll(List.of("MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "HELP"));
        if (vrfyAllowed(services.config(), client)) {
            commands.add("VRFY");
        }
        if (endpoint.tls() == TlsMode.STARTTLS && !client.secure) {
            commands.add("STARTTLS");
        }
        if (!mechanisms.isEmpty() && client.account == null) {
            commands.add("AUTH");
        }
        if (services.config().etrn() && endpoint.kind() == SmtpEndpoint.Kind.SMTP) {
            commands.add("ETRN");
        }
        if (client.peer.xclient()) {
            commands.add("XCLIENT");
        }
        return SmtpReply.of(214, "2.0.0", "Commands: " + String.join(" ", commands));
    }

    static boolean vrfyAllowed(SmtpConfig config, SmtpClientState client) {
        return config.vrfy() || config.vrfyAuthenticated() && client.account != null;
    }
}
