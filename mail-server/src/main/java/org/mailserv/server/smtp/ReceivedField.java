package org.mailserv.server.smtp;

import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.header.MailDate;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Recipient;

/** Formats the Received field that every server adds. RFC 5321, 4.4; RFC 3848. */
final class ReceivedField {
    private ReceivedField() {}

    /** Returns the folded field with its final CRLF. */
    static String of(Envelope envelope, String hostname, int rcptCommands) {
        Arrival arrival = envelope.arrival();
        StringBuilder field = new StringBuilder(256).append("Received: from ");
        field.append(helo(arrival.helo())).append(" (");
        if (arrival.clientName() != null) {
            field.append(clean(arrival.clientName())).append(' ');
        }
        String address = arrival.clientAddress() == null ? "unknown" : arrival.clientAddress();
        field.append('[')
                .append(address.indexOf(':') >= 0 ? "IPv6:" : "")
                .append(address)
                .append("])");
        if (arrival.tls() != null) {
            field.append("\r\n\t(using ").append(clean(arrival.tls())).append(')');
        }
        field.append("\r\n\tby ").append(hostname).append(" (mailserv) with ").append(arrival.protocol());
        field.append(" id ").append(envelope.id());
        // RFC 5321, 7.2: with several recipients, "for" would disclose each to the others.
        List<Recipient> recipients = envelope.recipients();
        if (rcptCommands == 1 && recipients.size() == 1) {
            Recipient only = recipients.get(0);
            field.append("\r\n\tfor <")
                    .append(only.original() == null ? only.address() : only.original())
                    .append('>');
        }
        field.append(";\r\n\t").append(MailDate.format(arrival.time(), ZoneId.systemDefault()));
        return field.append("\r\n").toString();
    }

    /** Returns the HELO argument without characters that would let the client shape the field. */
    private static String helo(@Nullable String helo) {
        return helo == null ? "unknown" : clean(helo);
    }

    private static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length() && i < 255; i++) {
            char c = text.charAt(i);
            clean.append(c > ' ' && c != 127 && c != '(' && c != ')' && c != ';' || c == ' ' && i > 0 ? c : '?');
        }
        return clean.toString();
    }
}
