package org.mailserv.server.dns.resolver;

import java.util.Locale;

/** Domain names of DNS records in the form in which they are compared. */
final class RecordNames {
    private RecordNames() {}

    /** Returns a name in lower case without a trailing dot. */
    static String normal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
