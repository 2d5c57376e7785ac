package org.mailserv.server.spool.file;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.BodyType;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.text.Failures;

/**
 * The head of a queue file: the line {@code MAILSERV SENDER FILE}, mailbox and domain of the sender, mailbox and domain of each recipient,
 * further facts as {@code Name: value} lines, {@code <END>}; the message follows. Every line ends with CRLF. The null reverse-path is two
 * empty lines. Local parts are written as in SMTP, so that none looks like a fact.
 */
public final class QueueFile {
    static final String MAGIC = "MAILSERV SENDER FILE";
    static final String END = "<END>";
    /** Maximum size of a head in octets: some 10,000 recipients. */
    public static final int MAX_HEAD = 4 * 1024 * 1024;

    private static final Instant HELD_BY_EARLIER_VERSIONS = Instant.parse("9999-12-31T23:59:59Z");

    private QueueFile() {}

    /**
     * A parsed head.
     *
     * @param sender the reverse-path
     * @param recipients the recipients as in the file, without their facts
     * @param facts the facts by name in lower case
     * @param length octets of the head, after which the message begins
     */
    public record Head(ReversePath sender, List<Address> recipients, Map<String, String> facts, int length) {}

    /** Thrown if a text is no queue file. Lines are counted from 1. */
    public static final class MalformedQueueFileException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedQueueFileException(int line, String problem) {
            super("line " + line + ": " + problem);
        }
    }

    /** Returns the head for an envelope. */
    public static byte[] write(Envelope envelope) {
        StringBuilder text = new StringBuilder(512);
        line(text, MAGIC);
        Address sender = envelope.sender().address();
        line(text, sender == null ? "" : sender.wireLocalPart());
        line(text, sender == null ? "" : sender.domain());
        for (Recipient recipient : envelope.recipients()) {
            line(text, recipient.address().wireLocalPart());
            line(text, recipient.address().domain());
        }
        fact(text, "Id", envelope.id());
        writeArrival(text, envelope.arrival());
        fact(text, "Body", envelope.body().keyword());
        fact(text, "Smtputf8", envelope.smtpUtf8() ? "yes" : null);
        fact(text, "Requiretls", envelope.requireTls() ? "yes" : null);
        Boolean full = envelope.returnFull();
        fact(text, "Ret", full == null ? null : full ? "FULL" : "HDRS");
        fact(text, "Envid", envelope.envelopeId());
        fact(text, "Hold-Until", envelope.holdUntil());
        fact(text, "Deliver-By", envelope.deliverBy());
        fact(text, "Junk", envelope.junk() ? "yes" : null);
        Hold hold = envelope.hold();
        if (hold != null) {
            fact(text, "Held", hold.by().label());
            fact(text, "Held-Since", hold.since());
            fact(text, "Held-Reason", hold.reason());
        }
        for (int i = 0; i < envelope.recipients().size(); i++) {
            writeRecipient(text, i + 1, envelope.recipients().get(i));
        }
        line(text, END);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void writeArrival(StringBuilder text, Arrival arrival) {
        fact(text, "Arrival", arrival.time());
        fact(text, "Protocol", arrival.protocol());
        fact(text, "Client-Address", arrival.clientAddress());
        fact(text, "Client-Name", arrival.clientName());
        fact(text, "Helo", arrival.helo());
        fact(text, "Tls", arrival.tls());
        fact(text, "Account", arrival.account());
    }

    private static void writeRecipient(StringBuilder text, int number, Recipient recipient) {
        fact(text, "Mailbox-" + number, recipient.mailbox());
        fact(text, "Original-" + number, recipient.original());
        fact(text, "Orcpt-" + number, recipient.originalRecipient());
        Set<Notify> notify = recipient.notifyOn();
        if (notify != null) {
            List<String> names = new ArrayList<>();
            new TreeSet<>(notify).forEach(event -> names.add(event.name()));
            fact(text, "Notify-" + number, names.isEmpty() ? "NEVER" : String.join(",", names));
        }
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append("\r\n");
    }

    private static void fact(StringBuilder text, String name, @Nullable Object value) {
        if (value != null) {
            // Values come from clients and must never create a line of their own.
            String safe = value.toString().replace('\r', '?').replace('\n', '?').replace('\0', '?');
            text.append(name).append(": ").append(safe);
            text.append("\r\n");
        }
    }

    /**
     * Parses a head. Lines may end with LF alone, because programs drop such files.
     *
     * @param octets the beginning of the file, with the whole head
     */
    public static Head read(byte[] octets) throws MalformedQueueFileException {
        Lines lines = new Lines(octets);
        if (!MAGIC.equals(lines.next())) {
            throw lines.malformed("not a queue file (expected: " + MAGIC + ")");
        }
        String mailbox = lines.required("sender's mailbox");
        String domain = lines.required("sender's domain");
        ReversePath sender = mailbox.isEmpty() && domain.isEmpty()
                ? ReversePath.NULL
                : new ReversePath(lines.address(mailbox, domain));
        List<Address> recipients = new ArrayList<>();
        Map<String, String> facts = new LinkedHashMap<>();
        while (true) {
            String line = lines.required(END);
            if (line.equals(END)) {
                break;
            }
            int colon = line.startsWith("\"") ? -1 : line.indexOf(": ");
            if (colon > 0) {
                facts.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2));
            } else if (!facts.isEmpty()) {
                throw lines.malformed("neither a fact nor " + END);
            } else {
                recipients.add(lines.address(line, lines.required("recipient's domain")));
            }
        }
        if (recipients.isEmpty()) {
            throw lines.malformed("no recipient");
        }
        return new Head(sender, recipients, facts, lines.position);
    }

    /** Returns the envelope of a head that this server wrote. */
    static Envelope envelope(Head head) throws MalformedQueueFileException {
        Map<String, String> facts = head.facts();
        try {
            List<Recipient> recipients = new ArrayList<>();
            for (int i = 0; i < head.recipients().size(); i++) {
                recipients.add(recipient(head.recipients().get(i), facts, i + 1));
            }
            String ret = facts.get("ret");
            Instant until = instant(facts.get("hold-until"));
            Hold hold = StateFile.hold(facts);
            if (HELD_BY_EARLIER_VERSIONS.equals(until)) {
                until = null;
                hold = hold == null ? new Hold(Hold.By.UNKNOWN, "reason not recorded", Instant.EPOCH) : hold;
            }
            return new Envelope(
                    QueueId.parse(facts.getOrDefault("id", "")),
                    head.sender(),
                    recipients,
                    arrival(facts),
                    body(facts.getOrDefault("body", "7BIT")),
                    facts.containsKey("smtputf8"),
                    facts.containsKey("requiretls"),
                    ret == null ? null : ret.equals("FULL"),
                    facts.get("envid"),
                    until,
                    instant(facts.get("deliver-by")),
                    facts.containsKey("junk"),
                    hold);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new MalformedQueueFileException(1, Failures.text(e));
        }
    }

    private static Arrival arrival(Map<String, String> facts) {
        Instant time = instant(facts.get("arrival"));
        return new Arrival(
                time == null ? Instant.EPOCH : time,
                facts.getOrDefault("protocol", "local"),
                facts.get("client-address"),
                facts.get("client-name"),
                facts.get("helo"),
                facts.get("tls"),
                facts.get("account"));
    }

    private static Recipient recipient(Address address, Map<String, String> facts, int number) {
        String mailbox = facts.get("mailbox-" + number);
        String original = facts.get("original-" + number);
        String notify = facts.get("notify-" + number);
        Set<Notify> events = null;
        if (notify != null) {
            events = new TreeSet<>();
            for (String name : notify.equals("NEVER") ? new String[0] : notify.split(",")) {
                events.add(Notify.valueOf(name));
            }
        }
        return new Recipient(
                address,
                mailbox == null ? null : mailboxName(mailbox),
                original == null ? null : PathParser.parseAddress(original),
                facts.get("orcpt-" + number),
                events);
    }

    static MailboxName mailboxName(String text) {
        int at = text.lastIndexOf('@');
        if (at <= 0) {
            throw new IllegalArgumentException("mailbox: \"" + text + "\" (expected: name@domain)");
        }
        return new MailboxName(text.substring(at + 1), text.substring(0, at));
    }

    private static BodyType body(String keyword) {
        for (BodyType type : BodyType.values()) {
            if (type.keyword().equals(keyword)) {
                return type;
            }
        }
        return BodyType.EIGHT_BIT_MIME;
    }

    private static @Nullable Instant instant(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }

    /** Reads lines, with their number for error messages. */
    private static final class Lines {
        private final byte[] octets;
        private int position;
        private int number;

        Lines(byte[] octets) {
            this.octets = octets;
        }

        @Nullable
        String next() {
            for (int i = position; i < octets.length && i < MAX_HEAD; i++) {
                if (octets[i] == '\n') {
                    int end = i > position && octets[i - 1] == '\r' ? i - 1 : i;
                    String line = new String(octets, position, end - position, StandardCharsets.UTF_8);
                    position = i + 1;
                    number++;
                    return line;
                }
            }
            return null;
        }

        String required(String what) throws MalformedQueueFileException {
            String line = next();
            if (line == null) {
                throw new MalformedQueueFileException(number + 1, "the file ends (expected: " + what + ")");
            }
            return line;
        }

        Address address(String mailbox, String domain) throws MalformedQueueFileException {
            Address address = PathParser.parseAddress(mailbox + "@" + domain);
            if (address == null && domain.isEmpty()) {
                address = PathParser.parseForwardPath("<" + mailbox + ">").address();
            }
            if (address == null) {
                throw malformed("\"" + mailbox + "\" at \"" + domain + "\" is no address");
            }
            return address;
        }

        MalformedQueueFileException malformed(String problem) {
            return new MalformedQueueFileException(Math.max(1, number), problem);
        }
    }
}
