package org.mailserv.relay.bounce;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.Xtext;
import org.mailserv.codec.header.MailDate;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Recipient;

/**
 * Writes the header and the first two parts of a notice: the human-readable text and the delivery-status fields.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3464#section-2">RFC 3464, 2</a>
 */
final class NoticeText {
    private static final int MAX_DIAGNOSTIC = 800;

    private final Notice notice;
    private final Envelope envelope;
    private final List<Report> reports;
    private final String hostname;
    private final Instant now;
    private final ZoneId zone;
    private final boolean utf8;
    private final StringBuilder text = new StringBuilder(2048);

    NoticeText(Notice notice, List<Report> reports, String hostname, Instant now, ZoneId zone) {
        this.notice = notice;
        this.envelope = notice.message().envelope();
        this.reports = reports;
        this.hostname = hostname;
        this.now = now;
        this.zone = zone;
        this.utf8 = needsUtf8(envelope, reports);
    }

    /** Returns whether an address is not ASCII, so that the notice uses the media types of RFC 6533. */
    static boolean needsUtf8(Envelope envelope, List<Report> reports) {
        Address sender = envelope.sender().address();
        return sender != null && !sender.isAscii()
                || reports.stream()
                        .anyMatch(report -> !report.recipient().address().isAscii());
    }

    /** Returns the notice up to the boundary before the returned message. The caller adds the header of that part. */
    String write(String messageId, Address from, Address to, @Nullable String inReplyTo, String boundary) {
        line("From: Mail Delivery System <" + from + ">");
        line("To: <" + to + ">");
        line("Subject: " + subject());
        line("Date: " + MailDate.format(now, zone));
        line("Message-ID: <" + messageId + "@" + hostname + ">");
        if (inReplyTo != null) {
            line("In-Reply-To: " + inReplyTo);
            line("References: " + inReplyTo);
        }
        line("Auto-Submitted: auto-replied");
        line("MIME-Version: 1.0");
        line("Content-Type: multipart/report; report-type=" + (utf8 ? "global-delivery-status" : "delivery-status")
                + ";");
        line("\tboundary=\"" + boundary + "\"");
        line("");
        line("This is a delivery report about a message that you sent, in MIME format.");
        line("");
        line("--" + boundary);
        line("Content-Type: text/plain; charset=" + (utf8 ? "utf-8" : "us-ascii"));
        if (utf8) {
            line("Content-Transfer-Encoding: 8bit");
        }
        line("");
        words();
        line("");
        line("--" + boundary);
        line("Content-Type: message/" + (utf8 ? "global-delivery-status" : "delivery-status"));
        if (utf8) {
            line("Content-Transfer-Encoding: 8bit");
        }
        line("");
        fields();
        line("");
        line("--" + boundary);
        return text.toString();
    }

    private String subject() {
        return switch (notice.kind()) {
            case FAILED ->
                reports.stream().allMatch(Report::isUncertain)
                        ? "It is uncertain whether your message was delivered"
                        : "Your message could not be delivered";
            case DELAYED -> "Delivery of your message is delayed; the server keeps trying";
            case DELIVERED -> "Your message has been delivered";
            case EXPANDED -> "Your message has been delivered to a mailing list";
            case RELAYED -> "Your message has been relayed";
        };
    }

    private void words() {
        line("This is the mail server " + hostname + ".");
        line("");
        switch (notice.kind()) {
            case FAILED -> {
                line("Your message of " + MailDate.format(envelope.arrival().time(), zone));
                if (reports.stream().allMatch(Report::isUncertain)) {
                    line("may or may not have been delivered to the recipients below.");
                    line("The server will not try again.");
                } else {
                    line("could not be delivered to the recipients below. The server will not try again.");
                }
            }
            case DELAYED -> {
                line("Your message of " + MailDate.format(envelope.arrival().time(), zone));
                line("has not yet been delivered to the recipients below. You do not need to send it again:");
                line("the server keeps trying until " + until() + ".");
            }
            case DELIVERED -> line("Your message has been delivered to the mailboxes of the recipients below.");
            case EXPANDED -> {
                line("Your message has been accepted for the lists below and sent to all their members.");
                line("You will be notified of failures only, if you asked for that.");
            }
            case RELAYED -> {
                line("Your message has been accepted by the mail servers of the recipients below.");
                line("They do not send delivery reports, so you may receive no further notice.");
            }
        }
        for (Report report : reports) {
            line("");
            line("  <" + shown(report.recipient()) + ">");
            explain(report);
        }
    }

    private String until() {
        Instant end = notice.willRetryUntil();
        return end == null ? "it expires" : MailDate.format(end, zone);
    }

    private static Address shown(Recipient recipient) {
        Address original = recipient.original();
        return original == null ? recipient.address() : original;
    }

    private void explain(Report report) {
        String said = clean(report.diagnostic());
        if (said.isEmpty()) {
            return;
        }
        String mta = report.mta();
        boolean expired = notice.kind() == Notice.Kind.FAILED
                && report.status().statusClass() == 4
                && report.status().subject() == 4
                && report.status().detail() == 7;
        if (expired) {
            Duration tried = Duration.between(envelope.arrival().time(), now);
            line("    could not be reached in " + words(tried) + ".");
        }
        if (notice.kind() == Notice.Kind.FAILED && report.isUncertain()) {
            line("    may have received the message, perhaps more than once: all of it was sent,");
            line("    and each time the connection failed before the server replied. Ask the");
            line("    recipient before you send the message again.");
        }
        if (isReply(said)) {
            line("    " + (mta == null ? "The server" : "The server " + clean(mta))
                    + (expired ? " finally replied:" : " replied:"));
        } else {
            line("    The reason" + (expired ? " for the last attempt's failure:" : ":"));
        }
        wrap(said);
    }

    private static String words(Duration time) {
        if (time.toDays() > 1) {
            return time.toDays() + " days";
        } else if (time.toHours() > 1) {
            return time.toHours() + " hours";
        }
        return time.toMinutes() > 1 ? time.toMinutes() + " minutes" : time.toSeconds() + " seconds";
    }

    /** Writes text as indented lines of at most 76 characters. */
    private void wrap(String said) {
        StringBuilder current = new StringBuilder("     ");
        for (String word : said.split(" ")) {
            if (current.length() + word.length() > 76 && current.length() > 6) {
                line(current.toString());
                current = new StringBuilder("     ");
            }
            current.append(' ').append(word);
        }
        line(current.toString());
    }

    private void fields() {
        line("Reporting-MTA: dns; " + hostname);
        String id = envelope.envelopeId();
        if (id != null) {
            String decoded = Xtext.decode(id);
            line("Original-Envelope-Id: " + clean(decoded == null ? id : decoded));
        }
        Arrival arrival = envelope.arrival();
        if (arrival.helo() != null || arrival.clientAddress() != null) {
            String name = arrival.helo() == null ? "unknown" : arrival.helo();
            String address = arrival.clientAddress() == null ? "" : " [" + arrival.clientAddress() + "]";
            String confirmed = arrival.clientName() == null ? "" : arrival.clientName();
            String comment = (confirmed + address).strip();
            line("Received-From-MTA: dns; " + clean(name) + (comment.isEmpty() ? "" : " (" + clean(comment) + ")"));
        }
        line("Arrival-Date: " + MailDate.format(arrival.time(), zone));
        reports.forEach(this::recipientFields);
    }

    private void recipientFields(Report report) {
        line("");
        Recipient recipient = report.recipient();
        String original = recipient.originalRecipient();
        if (original != null) {
            line("Original-Recipient: " + originalRecipient(original));
        }
        // RFC 3464, 2.3.2: for local deliveries show the address as accepted, not the private target of an alias.
        Address address = notice.kind() == Notice.Kind.DELIVERED ? shown(recipient) : recipient.address();
        line("Final-Recipient: " + (address.isAscii() ? "rfc822; " : "utf-8; ") + address);
        line("Action: " + notice.kind().action());
        line("Status: " + report.status());
        String mta = report.mta();
        if (mta != null) {
            line("Remote-MTA: dns; " + clean(mta.replaceFirst(" \\[", " (").replaceFirst("\\]$", ")")));
        }
        String said = clean(report.diagnostic());
        if (!said.isEmpty()) {
            line("Diagnostic-Code: " + (isReply(said) ? "smtp; " : "x-mailserv; ") + said);
        }
        line("Last-Attempt-Date: " + MailDate.format(now, zone));
        Instant end = notice.willRetryUntil();
        if (notice.kind() == Notice.Kind.DELAYED && end != null) {
            line("Will-Retry-Until: " + MailDate.format(end, zone));
        }
    }

    /** Returns an ORCPT value such as {@code rfc822;xtext} in the form of the Original-Recipient field. */
    private static String originalRecipient(String parameter) {
        int semicolon = parameter.indexOf(';');
        if (semicolon < 0) {
            return clean(parameter);
        }
        String value = parameter.substring(semicolon + 1);
        String decoded = Xtext.decode(value);
        return clean(parameter.substring(0, semicolon).toLowerCase(Locale.ROOT) + "; "
                + (decoded == null ? value : decoded));
    }

    private static boolean isReply(String said) {
        return said.matches("[2-5][0-9][0-9]([ -].*)?");
    }

    /** Returns remote text as one printable line of limited length. */
    private static String clean(String words) {
        StringBuilder clean = new StringBuilder(words.length());
        for (int i = 0; i < words.length() && i < MAX_DIAGNOSTIC; i++) {
            char c = words.charAt(i);
            clean.append(c < ' ' || c == 127 ? ' ' : c);
        }
        return clean.toString().strip();
    }

    private void line(String line) {
        if (utf8) {
            text.append(line);
        } else {
            line.chars().forEach(c -> text.append(c < 128 ? (char) c : '?'));
        }
        text.append("\r\n");
    }
}
