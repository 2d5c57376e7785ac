package org.mailserv.codec.address;

import com.ibm.icu.text.IDNA;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Conversion of domain names to their canonical form: A-labels in lower case. Names are compared, looked up and sent
 * in this form.
 *
 * <p>Internationalized names follow IDNA2008 (RFC 5891) as specified by UTS 46, non-transitionally: {@code straße.example} is
 * {@code xn--strae-oqa.example} and not {@code strasse.example}, which may belong to somebody else. Upper-case,
 * decomposed and full-width forms all denote the same name. All code that compares or looks up a domain uses this
 * class; no other code converts one.
 *
 * @see <a href="https://www.unicode.org/reports/tr46/">UTS 46</a>
 */
public final class DomainNames {
    /** Maximum length in octets of a name in ASCII. RFC 5321, 4.5.3.1.2; RFC 1035, 2.3.4. */
    private static final int MAX_NAME = 255;

    private static final int MAX_LABEL = 63;
    private static final String ACE_PREFIX = "xn--";

    /** Misplaced hyphens. Registries do not allow them, but names below a registered domain contain them. */
    private static final Set<IDNA.Error> TOLERATED =
            EnumSet.of(IDNA.Error.HYPHEN_3_4, IDNA.Error.LEADING_HYPHEN, IDNA.Error.TRAILING_HYPHEN);

    private DomainNames() {}

    /** Loads the IDNA tables on first use, since most servers never see a name that needs them. */
    private static final class Tables {
        static final IDNA UTS46 = IDNA.getUTS46Instance(IDNA.CHECK_BIDI
                | IDNA.CHECK_CONTEXTJ
                | IDNA.NONTRANSITIONAL_TO_ASCII
                | IDNA.NONTRANSITIONAL_TO_UNICODE);
    }

    /**
     * Converts a domain name to A-labels in lower case, without a final dot.
     *
     * <p>ASCII names are only converted to lower case and checked for length. The caller checks their characters,
     * except that a label with the prefix {@code xn--} must encode a valid U-label. An address literal in brackets is
     * returned in lower case.
     *
     * @param domain a name with A-labels, U-labels or a mixture of both
     * @return the name in ASCII, or null if it is empty, too long or not a valid domain name. Such a name must be
     *     rejected and never be looked up in another form
     */
    public static @Nullable String toAscii(String domain) {
        if (domain.startsWith("[")) {
            return domain.toLowerCase(Locale.ROOT);
        }
        if (Ascii.isAscii(domain)) {
            String lower = withoutFinalDot(domain.toLowerCase(Locale.ROOT));
            return !hasLengths(lower) || hasAceLabel(lower) && convert(lower) == null ? null : lower;
        }
        String converted = convert(domain);
        String name = converted == null ? null : withoutFinalDot(converted);
        // Compatibility forms of @, / and others map to the ASCII character, which cannot be part of a host name.
        return name != null && hasLengths(name) && name.chars().allMatch(DomainNames::isNameCharacter) ? name : null;
    }

    /**
     * Returns the form of a domain name used for comparison: {@link #toAscii}, or the lower-case text if it is not a
     * valid domain name. Use it only for comparisons and keys; a name to be looked up or sent must be convertible.
     */
    public static String canonical(String domain) {
        String ascii = toAscii(domain);
        return ascii == null ? domain.toLowerCase(Locale.ROOT) : ascii;
    }

    /** Returns whether a name contains labels that need conversion: non-ASCII characters or A-labels. */
    public static boolean isInternationalized(String domain) {
        return !Ascii.isAscii(domain) || hasAceLabel(domain.toLowerCase(Locale.ROOT));
    }

    /** Returns whether both names denote the same domain, whichever form each is written in. */
    public static boolean same(String one, String other) {
        return one.equalsIgnoreCase(other) || canonical(one).equals(canonical(other));
    }

    /** Returns the name with U-labels, for display. A name without any, or an invalid one, is returned unchanged. */
    public static String toUnicode(String domain) {
        if (!hasAceLabel(domain.toLowerCase(Locale.ROOT))) {
            return domain;
        }
        IDNA.Info info = new IDNA.Info();
        String text =
                Tables.UTS46.nameToUnicode(domain, new StringBuilder(), info).toString();
        return TOLERATED.containsAll(info.getErrors()) ? text : domain;
    }

    private static @Nullable String convert(String domain) {
        IDNA.Info info = new IDNA.Info();
        String text =
                Tables.UTS46.nameToASCII(domain, new StringBuilder(), info).toString();
        return TOLERATED.containsAll(info.getErrors()) ? text : null;
    }

    private static boolean hasAceLabel(String lower) {
        return lower.startsWith(ACE_PREFIX) || lower.contains("." + ACE_PREFIX);
    }

    private static boolean hasLengths(String ascii) {
        if (ascii.isEmpty() || ascii.length() > MAX_NAME) {
            return false;
        }
        int start = 0;
        int dot;
        do {
            dot = ascii.indexOf('.', start);
            int length = (dot < 0 ? ascii.length() : dot) - start;
            if (length == 0 || length > MAX_LABEL) {
                return false;
            }
            start = dot + 1;
        } while (dot >= 0);
        return true;
    }

    private static String withoutFinalDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static boolean isNameCharacter(int c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_';
    }
}
