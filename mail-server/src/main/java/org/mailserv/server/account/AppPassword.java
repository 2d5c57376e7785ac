package org.mailserv.server.account;

import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A password for one program of a user. It works for some protocols only, and can be revoked without changing the password of the user.
 *
 * @param mailbox the user
 * @param id identifies it among those of the user
 * @param scopes the protocols that accept it
 * @param created time of its creation
 * @param hash salted hash with its scheme. Never logged
 * @param name the name that the user chose
 */
public record AppPassword(
        MailboxName mailbox, String id, Set<Scope> scopes, Instant created, String hash, String name) {
    /** Protocols that may accept an app password. */
    public enum Scope {
        SMTP,
        POP3;

        /** Returns the name in files and for people. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Returns the scope of a name in any case, or null if there is none. */
        public static @Nullable Scope of(String label) {
            for (Scope scope : values()) {
                if (scope.name().equalsIgnoreCase(label.strip())) {
                    return scope;
                }
            }
            return null;
        }
    }

    public AppPassword {
        scopes = Set.copyOf(scopes);
    }

    /** Returns the names of the scopes in a fixed order, separated by commas. */
    public String scopeText() {
        return new TreeSet<>(scopes).stream().map(Scope::label).collect(Collectors.joining(","));
    }

    @Override
    public String toString() {
        return "AppPassword[" + mailbox + " " + id + "]";
    }
}
