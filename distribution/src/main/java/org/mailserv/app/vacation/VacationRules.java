package org.mailserv.app.vacation;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.header.AddressList;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;

/**
 * The messages that must not be answered automatically: bounces, lists, bulk mail, automatic mail, junk, and mail that does not name the user.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3834#section-2">RFC 3834, 2</a>
 */
final class VacationRules {
    private static final Pattern AUTOMATIC = Pattern.compile(
            "(?i)(mailer-daemon|postmaster|daemon|root|listserv|majordomo|mailman|nobody|no-?reply|do-?not-?reply"
                    + "|owner-.*|.*-owner|.*-request|.*-bounces?|bounces?|.*-bounces?[+=-].*|bounces?[+=-].*|prvs=.*"
                    + "|.*-relay|.*-return-.*|srs[01][=+-].*)");
    private static final Set<String> BULK = Set.of("bulk", "junk", "list");
    private static final int MOST_RECIPIENTS = 200;

    private VacationRules() {}

    /**
     * Returns the reason why a message gets no reply, or null if it gets one.
     *
     * @param sender the reverse-path; null for a bounce
     * @param own tests whether an address is the user's own
     */
    static @Nullable String reason(
            @Nullable Address sender, HeaderBlock header, String defaultDomain, Predicate<Address> own) {
        if (sender == null || sender.domain().isEmpty()) {
            return "it has the null sender";
        } else if (AUTOMATIC.matcher(sender.localPart()).matches()) {
            return "its sender is a program";
        } else if (own.test(sender)) {
            return "its sender is the user";
        }
        String field = automaticField(header);
        if (field != null) {
            return "its field " + field + " says that it is automatic or from a list";
        }
        return isAddressed(header, defaultDomain, own) ? null : "it is not addressed to the user";
    }

    /** Returns the name of a field that marks automatic or bulk mail, or null. */
    private static @Nullable String automaticField(HeaderBlock header) {
        for (HeaderField field : header.fields()) {
            String name = field.name().toLowerCase(Locale.ROOT).strip();
            String value = field.value().strip().toLowerCase(Locale.ROOT);
            boolean automatic = switch (name) {
                case "auto-submitted" -> !value.matches("no\\s*([;(].*)?");
                case "precedence" -> BULK.contains(value);
                case "mailing-list",
                        "x-mailing-list",
                        "x-list",
                        "x-loop",
                        "feedback-id",
                        "x-autoreply",
                        "x-autorespond",
                        "x-auto-reply" -> true;
                case "x-auto-response-suppress" -> value.matches(".*\\b(all|oof|autoreply)\\b.*");
                case "x-spam-flag", "x-spam" -> value.startsWith("yes");
                case "content-type" -> value.startsWith("multipart/report");
                case "return-path" -> value.equals("<>");
                default -> name.startsWith("list-");
            };
            if (automatic) {
                return field.name().strip();
            }
        }
        return null;
    }

    private static boolean isAddressed(HeaderBlock header, String defaultDomain, Predicate<Address> own) {
        int seen = 0;
        for (HeaderField field : header.fields()) {
            if (field.is("To") || field.is("Cc") || field.is("Resent-To") || field.is("Resent-Cc")) {
                List<Address> addresses = AddressList.parse(field.value(), defaultDomain);
                for (Address address : addresses) {
                    if (++seen > MOST_RECIPIENTS) {
                        return false;
                    } else if (own.test(address)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
