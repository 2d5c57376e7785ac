package org.mailserv.app.sendmail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.header.AddressSpans;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;
import org.mailserv.codec.header.MboxSeparator;
import org.mailserv.codec.header.RecipientFields;

/**
 * A message that a program submits, with its header in memory and its body still to be read. The header is completed as a message
 * submission server does it. RFC 6409, 8; RFC 5322, 3.6.
 */
public final class LocalMessage {
    private static final int MAX_HEADER = 512 * 1024;
    private static final int MAX_LINE = 64 * 1024;

    private final HeaderBlock header;
    private final InputStream body;

    private LocalMessage(HeaderBlock header, InputStream body) {
        this.header = header;
        this.body = body;
    }

    /**
     * Reads the header; the body stays in the stream. Separator lines of an mbox file before the header are dropped. Lines end in LF or
     * CRLF.
     *
     * @throws SendmailException if the header is too long
     */
    static LocalMessage read(InputStream in) throws IOException, SendmailException {
        StringBuilder text = new StringBuilder();
        String line = line(in);
        while (line.startsWith("From ") || line.startsWith(">From ")) {
            String next = line(in);
            if (!MboxSeparator.isSeparator(line.stripTrailing(), next.stripTrailing())) {
                return new LocalMessage(HeaderBlock.read(""), behind(line + next, in));
            }
            line = next;
        }
        while (isPartOfHeader(line, text.length() > 0)) {
            text.append(line);
            if (text.length() > MAX_HEADER) {
                throw new SendmailException(
                        SendmailException.EX_DATAERR, "header too long (expected: at most " + MAX_HEADER + " octets)");
            }
            line = line(in);
        }
        boolean blank = line.equals("\n") || line.equals("\r\n");
        return new LocalMessage(HeaderBlock.read(text.toString()), behind(blank ? "" : line, in));
    }

    private static InputStream behind(String read, InputStream in) {
        byte[] octets = read.getBytes(StandardCharsets.ISO_8859_1);
        return new SequenceInputStream(new ByteArrayInputStream(octets), in);
    }

    private static boolean isPartOfHeader(String line, boolean continues) {
        return line.startsWith(" ") || line.startsWith("\t")
                ? continues
                : !HeaderBlock.read(line).fields().isEmpty();
    }

    /** Returns a line with its end, one char per octet, or the first part of a very long one. */
    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        while (octets.size() < MAX_LINE) {
            int octet = in.read();
            if (octet < 0) {
                break;
            }
            octets.write(octet);
            if (octet == '\n') {
                break;
            }
        }
        return octets.toString(StandardCharsets.ISO_8859_1);
    }

    InputStream body() {
        return body;
    }

    boolean has(String name) {
        return header.has(name);
    }

    /** The addresses of the header, and the text that is not an address. */
    record Named(Set<Address> addresses, List<String> unreadable) {}

    /**
     * Returns the recipients in To, Cc and Bcc. A resent message goes to those of its topmost block of Resent fields only. RFC 5322, 3.6.6.
     *
     * @param domain the domain for names without one; may be empty
     */
    Named recipients(String domain) {
        Named named = new Named(new LinkedHashSet<>(), new ArrayList<>());
        RecipientFields.of(header).forEach(field -> read(field.rawValue(), domain, named));
        return named;
    }

    /** Parses addresses of a field, or of a word of the command line. */
    static void read(String rawValue, String domain, Named named) {
        for (AddressSpans.Span span : AddressSpans.find(rawValue)) {
            Address address = span.address(domain);
            if (address == null) {
                named.unreadable()
                        .add(new String(span.text().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
            } else {
                named.addresses().add(address);
            }
        }
    }

    /**
     * Returns the header to send, with CRLF line ends and the blank line.
     *
     * @param domain the domain for names without one; may be empty to leave them unchanged
     * @param from the value of From for a message without an author
     * @param missing fields by name that are added at the top if the message lacks them
     */
    byte[] header(String domain, String from, List<String> missing) {
        StringBuilder out = new StringBuilder();
        for (String field : missing) {
            if (!header.has(field.substring(0, field.indexOf(':')))) {
                out.append(field).append("\r\n");
            }
        }
        boolean hasAuthor = header.all("From").stream()
                .anyMatch(field -> !AddressSpans.find(field.rawValue()).isEmpty());
        if (!hasAuthor) {
            out.append(octets("From: " + from)).append("\r\n");
        }
        for (HeaderField field : header.fields()) {
            boolean replaced = !hasAuthor && field.is("From");
            if (!replaced && !RecipientFields.isPrivate(field)) {
                out.append(crlf(domain.isEmpty() ? field.raw() : RecipientFields.qualified(field, octets(domain))));
            }
        }
        return out.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String crlf(String raw) {
        String text = raw.replace("\r\n", "\n").replace("\n", "\r\n");
        return text.endsWith("\n") ? text : text + "\r\n";
    }
}
