package org.mailserv.server.account;

import java.util.Locale;
import java.util.Set;

/**
 * Names that must reach a person in every local domain: the roles of RFC 2142 for network operation and services, and
 * recipients used by programs. Without a mailbox, alias or catch-all, their mail goes to the postmaster.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2142">RFC 2142</a>
 */
final class RoleNames {
    private static final Set<String> NAMES =
            Set.of("postmaster", "mailer-daemon", "root", "abuse", "hostmaster", "webmaster", "noc", "security");

    private RoleNames() {}

    /** Returns whether a local part, in any case, is a role name. */
    static boolean contains(String localPart) {
        return NAMES.contains(localPart.toLowerCase(Locale.ROOT));
    }
}
