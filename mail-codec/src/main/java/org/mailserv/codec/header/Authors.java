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
 * The authors of a message according to every From field that a mail reader might display. Readers differ in their
 * display of malformed fields, so every domain that occurs in such a field counts.
 *
 * @param fields number of From fields
 * @param domains domains of the parsed mailboxes in lower case, as written (Unicode or ASCII), without literals
 * @param occurring all domains that a reader may display; equal to {@code domains} if the fields are well-formed
 * @param wellFormed whether all readers display the same authors
 * @param complete whether all From fields were read; only the first 64 KiB of them are
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
     * Reads the authors from a header. Like tolerant readers, it skips lines that are not fields and treats a bare CR
     * as a line end.
     *
     * @param header the whole header, one octet per char, with or without the blank line
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

    /** Decodes percent-encoding as in a URI: {@code mailto:ann%40d.test}. */
    private static String percentDecoded(String text) {
        return text.replaceAll("%40", "@").replaceAll("(?i)%2e", ".");
    }

    /** Returns the unfolded values of all From fields. */
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

    /**
     * Returns the index where the value of a From field begins, or -1. Skips combining marks and control characters
     * before the name, and blanks after it.
     */
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
