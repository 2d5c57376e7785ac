package org.mailserv.codec.header;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The authors of a message, by every From field that some mail reader might show. Where a field is malformed, readers differ in what they
 * show: then each domain that occurs in it counts.
 *
 * @param fields the number of From fields
 * @param domains those of the mailboxes that were parsed, in lower case as written (Unicode or ASCII), without literals
 * @param occurring all domains that a reader may show; the same as {@code domains} where the fields are well-formed
 * @param wellFormed whether all readers see the same
 * @param complete whether all of it was read: of From fields that are larger than 64 KiB together, the rest is not
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-3.6.2">RFC 5322, 3.6.2</a>
 */
public record Authors(int fields, List<String> domains, List<String> occurring, boolean wellFormed, boolean complete) {
    private static final String NAME = "from";
    private static final int MAX_OCTETS = 64 << 10;

    public Authors {
        domains = List.copyOf(domains);
        occurring = List.copyOf(occurring);
    }

    /**
     * Reads the authors from a header. Lines that are no field are passed over, as tolerant readers do, and a bare CR ends a line too.
     *
     * @param header all of it, a char an octet, with or without the blank line
     */
    public static Authors of(String header) {
        List<String> fields = fromFields(header);
        Set<String> domains = new LinkedHashSet<>();
        Set<String> occurring = new LinkedHashSet<>();
        boolean wellFormed = true;
        int left = MAX_OCTETS;
        boolean complete = true;
        for (String field : fields) {
            complete &= field.length() <= left;
            String read = field.substring(0, Math.min(field.length(), left));
            left -= read.length();
            wellFormed &= read(read, domains, occurring);
        }
        occurring.addAll(domains);
        return new Authors(fields.size(), List.copyOf(domains), List.copyOf(occurring), wellFormed, complete);
    }

    private static boolean read(String octets, Set<String> domains, Set<String> occurring) {
        byte[] raw = octets.getBytes(StandardCharsets.ISO_8859_1);
        String text = octets;
        boolean unicode = true;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(raw))
                    .toString();
        } catch (CharacterCodingException e) {
            unicode = false;
        }
        AddressParser parser = AddressParser.parse(text);
        Set<String> named = new LinkedHashSet<>();
        for (AddressParser.Mailbox mailbox : parser.mailboxes()) {
            if (DomainScan.isName(mailbox.domain())) {
                named.add(lower(mailbox.domain()));
            }
        }
        domains.addAll(named);
        boolean wellFormed = unicode && !parser.isMalformed() && !named.isEmpty();
        if (!wellFormed) {
            Set<String> found = new LinkedHashSet<>();
            parser.domains().stream().filter(DomainScan::isName).forEach(found::add);
            for (String variant :
                    List.of(text, withoutControls(text), EncodedWords.decode(text), percentDecoded(text))) {
                DomainScan.find(variant, found);
                AddressParser.parse(variant).domains().stream()
                        .filter(DomainScan::isName)
                        .forEach(found::add);
            }
            found.forEach(domain -> occurring.add(lower(domain)));
        }
        return wellFormed;
    }

    private static String lower(String domain) {
        String lower = domain.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static String withoutControls(String text) {
        return text.replaceAll("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F]", "");
    }

    /** As in a URI: {@code mailto:ann%40d.test}. */
    private static String percentDecoded(String text) {
        return text.replaceAll("%40", "@").replaceAll("(?i)%2e", ".");
    }

    /** The values of all From fields, unfolded. */
    private static List<String> fromFields(String header) {
        List<String> fields = new ArrayList<>();
        StringBuilder open = null;
        boolean any = false;
        for (String line : header.split("\r\n|\n|\r", -1)) {
            boolean blankFirst = !line.isEmpty() && (line.charAt(0) == ' ' || line.charAt(0) == '\t');
            if (blankFirst && any) {
                if (open != null) {
                    open.append(line);
                }
                continue;
            }
            if (open != null) {
                fields.add(open.toString());
            }
            int value = valueOfFrom(line);
            open = value < 0 ? null : new StringBuilder(line.substring(value));
            any |= !line.isEmpty();
        }
        if (open != null) {
            fields.add(open.toString());
        }
        return fields;
    }

    /** Returns where the value of a From field begins, or -1. Marks and controls before the name, and blanks behind it, are passed over. */
    private static int valueOfFrom(String line) {
        int at = 0;
        while (at < line.length() && (line.charAt(at) <= ' ' || line.charAt(at) >= 127)) {
            at++;
        }
        if (!line.regionMatches(true, at, NAME, 0, NAME.length())) {
            return -1;
        }
        at += NAME.length();
        while (at < line.length() && (line.charAt(at) <= ' ' || line.charAt(at) == 127)) {
            at++;
        }
        return at < line.length() && line.charAt(at) == ':' ? at + 1 : -1;
    }
}
