package org.mailserv.server.account;

import java.util.Locale;
import java.util.Set;

/**
 * Names that must reach a person in every local domain: those of RFC 2142 for operation of the network and its services, and those that
 * programs write to. Where no mailbox, alias or catch-all takes their mail, the postmaster's mailbox does.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2142">RFC 2142</a>
 */
final class RoleNames {
    private static final Set<String> NAMES =
            Set.of("postmaster", "mailer-daemon", "root", "abuse", "hostmaster", "webmaster", "noc", "security");

    private RoleNames() {}

    /** Returns whether a local part, in any case, is the name of a role. */
    static boolean contains(String localPart) {
        return NAMES.contains(localPart.toLowerCase(Locale.ROOT));
    }
}
