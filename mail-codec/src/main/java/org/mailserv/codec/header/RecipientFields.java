package org.mailserv.codec.header;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The header fields that name the recipients of a message submitted without an envelope.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-3.6.6">RFC 5322, 3.6.3 and 3.6.6</a>
 */
public final class RecipientFields {
    private static final String RESENT = "resent-";
    private static final Set<String> RECIPIENTS = Set.of("to", "cc", "bcc");
    private static final Set<String> MAILBOXES = Set.of("from", "sender", "reply-to", "to", "cc");
    private static final Set<String> ENVELOPE = Set.of("bcc", "return-path", "content-length");

    private RecipientFields() {}

    /** Returns To, Cc and Bcc. A resent message has only the recipients of its topmost block of Resent fields. */
    public static List<HeaderField> of(HeaderBlock header) {
        List<HeaderField> resent = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (HeaderField field : header.fields()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            boolean trace = name.equals("received") || name.equals("return-path");
            if (name.startsWith(RESENT) && !names.add(name) || trace && !resent.isEmpty()) {
                // A repeated name, or a trace field below the recipients, belongs to an earlier resending.
                break;
            } else if (name.startsWith(RESENT) && RECIPIENTS.contains(plain(field))) {
                resent.add(field);
            }
        }
        return resent.isEmpty()
                ? header.fields().stream()
                        .filter(field -> RECIPIENTS.contains(field.name().toLowerCase(Locale.ROOT)))
                        .toList()
                : resent;
    }

    private static String plain(HeaderField field) {
        String name = field.name().toLowerCase(Locale.ROOT);
        return name.startsWith(RESENT) ? name.substring(RESENT.length()) : name;
    }

    /**
     * Returns whether a field belongs to the envelope or to a mailbox and must not be sent: Bcc, Return-Path or
     * Content-Length.
     */
    public static boolean isPrivate(HeaderField field) {
        return ENVELOPE.contains(plain(field));
    }

    /** Returns the raw field with a domain added to each mailbox that has none, one octet per char. */
    public static String qualified(HeaderField field, String domain) {
        if (!MAILBOXES.contains(plain(field))) {
            return field.raw();
        }
        String value = field.rawValue();
        return field.raw().substring(0, field.raw().length() - value.length()) + AddressSpans.qualify(value, domain);
    }
}
