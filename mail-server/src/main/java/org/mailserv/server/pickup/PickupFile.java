package org.mailserv.server.pickup;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.header.AddressList;
import org.mailserv.codec.header.AddressSpans;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;
import org.mailserv.codec.header.MboxSeparator;
import org.mailserv.codec.header.RecipientFields;
import org.mailserv.server.spool.file.QueueFile;
import org.mailserv.server.spool.file.QueueFile.MalformedQueueFileException;
import org.mailserv.server.text.Failures;

/**
 * The envelope of a dropped file. The file is a queue file, a message after a line with the sender and a line with the recipients, or a
 * message with its recipients in the header.
 *
 * @param sender the reverse-path
 * @param recipients at least one
 * @param facts the further facts of a queue file, by name in lower case
 * @param head fields that replace those of the file or precede them; in ISO-8859-1
 * @param start number of octets to skip; the rest of the file follows {@code head}
 */
record PickupFile(ReversePath sender, List<Address> recipients, Map<String, String> facts, String head, int start) {

    /** Signals that a file can never be sent. The message is the reason for the operator. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    /**
     * Reads the beginning of a file.
     *
     * @param octets the first octets of the file, with the whole header
     * @param domain completes addresses without a domain
     */
    static PickupFile read(byte[] octets, String domain) throws RefusedException {
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        if (text.startsWith("MAILSERV SENDER FILE")) {
            try {
                QueueFile.Head head = QueueFile.read(octets);
                List<Address> recipients = head.recipients().stream()
                        .map(address -> qualified(address, domain))
                        .toList();
                return sendFile(text, head, recipients, domain);
            } catch (MalformedQueueFileException e) {
                throw new RefusedException(Failures.text(e));
            }
        }
        int separator = MboxSeparator.length(text);
        HeaderBlock header = HeaderBlock.read(text.substring(separator));
        return header.fields().isEmpty() ? lines(text, domain) : message(text, separator, header, domain);
    }

    /** Completes the header too: a program whose user may not read the configuration does not know the domain. */
    private static PickupFile sendFile(String text, QueueFile.Head head, List<Address> recipients, String domain) {
        HeaderBlock header = HeaderBlock.read(text.substring(head.length()));
        StringBuilder fields = new StringBuilder();
        header.fields().forEach(field -> fields.append(RecipientFields.qualified(field, octets(domain))));
        return new PickupFile(
                qualified(head.sender(), domain),
                recipients,
                head.facts(),
                fields.toString(),
                head.length() + header.length());
    }

    private static Address qualified(Address address, String domain) {
        return address.domain().isEmpty() ? new Address(address.localPart(), domain) : address;
    }

    private static ReversePath qualified(ReversePath path, String domain) {
        Address address = path.address();
        return address == null ? path : new ReversePath(qualified(address, domain));
    }

    /** Reads a file with the sender on the first line, the recipients on the second, and then the body. */
    private static PickupFile lines(String text, String domain) throws RefusedException {
        int first = text.indexOf('\n');
        int second = first < 0 ? -1 : text.indexOf('\n', first + 1);
        if (second < 0) {
            throw new RefusedException(
                    "neither a queue file, nor a sender line and a recipient line, nor a message with a header");
        }
        String from = text.substring(0, first).strip();
        ReversePath sender =
                from.equals("<>") ? ReversePath.NULL : new ReversePath(one(from, domain, "line 1: sender"));
        List<Address> recipients = new ArrayList<>();
        for (String part : text.substring(first + 1, second).strip().split("[,;\\s]+")) {
            recipients.add(one(part, domain, "line 2: recipient"));
        }
        String rest = text.substring(second + 1);
        // The body may begin with a header. If it does not, a header and its blank line are added.
        boolean hasHeader = !HeaderBlock.read(rest).fields().isEmpty();
        StringBuilder head = new StringBuilder();
        if (!hasHeader) {
            head.append("From: <").append(from.equals("<>") ? "" : sender).append(">\r\nTo: ");
            for (int i = 0; i < recipients.size(); i++) {
                head.append(i == 0 ? "<" : ",\r\n\t<").append(recipients.get(i)).append('>');
            }
            head.append("\r\n\r\n");
        }
        return new PickupFile(sender, recipients, Map.of(), head.toString(), second + 1);
    }

    private static Address one(String text, String domain, String what) throws RefusedException {
        String bare = text.startsWith("<") && text.endsWith(">") ? text.substring(1, text.length() - 1) : text;
        Address address = PathParser.parseAddress(bare.indexOf('@') >= 0 ? bare : bare + "@" + domain);
        if (bare.isEmpty() || address == null) {
            throw new RefusedException(what + ": \"" + text + "\" is no address");
        }
        return address;
    }

    private static PickupFile message(String text, int separator, HeaderBlock header, String domain)
            throws RefusedException {
        Set<Address> recipients = new LinkedHashSet<>();
        List<HeaderField> named = header.all("X-Receiver");
        for (HeaderField field : named.isEmpty() ? RecipientFields.of(header) : named) {
            for (AddressSpans.Span span : AddressSpans.find(field.rawValue())) {
                Address address = span.address(domain);
                if (address == null) {
                    throw new RefusedException(field.name() + ": \"" + span.text() + "\" is no address");
                }
                recipients.add(address);
            }
        }
        if (recipients.isEmpty()) {
            throw new RefusedException("no recipient in X-Receiver, To, Cc or Bcc");
        }
        StringBuilder head = new StringBuilder();
        for (HeaderField field : header.fields()) {
            if (!RecipientFields.isPrivate(field) && !field.is("X-Sender") && !field.is("X-Receiver")) {
                head.append(RecipientFields.qualified(field, octets(domain)));
            }
        }
        int length = separator + header.length();
        boolean blank = text.startsWith("\n", length) || text.startsWith("\r\n", length);
        if (!blank) {
            head.append("\r\n");
        }
        return new PickupFile(sender(header, domain), List.copyOf(recipients), Map.of(), head.toString(), length);
    }

    private static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static ReversePath sender(HeaderBlock header, String domain) throws RefusedException {
        for (String name : List.of("X-Sender", "Sender", "From")) {
            HeaderField field = header.first(name);
            if (field != null && name.equals("X-Sender") && field.value().equals("<>")) {
                return ReversePath.NULL;
            }
            List<Address> addresses = field == null ? List.of() : AddressList.parse(field.value(), domain);
            if (!addresses.isEmpty()) {
                return new ReversePath(addresses.get(0));
            }
        }
        throw new RefusedException("no sender in X-Sender, Sender or From");
    }
}
