package org.mailserv.server.account;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.config.Octets;

/**
 * Settings of a local domain.
 *
 * @param path folder of its mailboxes; null for {@code domains/DOMAIN} in the data folder
 * @param mailboxes mailboxes by name
 * @param aliases target addresses by alias; a target without a domain is in this domain
 * @param catchAll recipient for unknown local parts; null to reject them
 * @param postmaster recipient of the postmaster's mail; null for the first mailbox
 * @param routed whether mail for the mailboxes goes to another server by {@code relay.routes}, such as Dovecot by LMTP, instead of being
 *     stored here; null for false
 */
public record DomainConfig(
        @Nullable Path path,
        Map<String, MailboxConfig> mailboxes,
        Map<String, List<String>> aliases,
        @Nullable String catchAll,
        @Nullable String postmaster,
        @Nullable Boolean routed) {

    /** Creates the settings of a domain whose mailboxes are stored here. */
    public DomainConfig(
            @Nullable Path path,
            Map<String, MailboxConfig> mailboxes,
            Map<String, List<String>> aliases,
            @Nullable String catchAll,
            @Nullable String postmaster) {
        this(path, mailboxes, aliases, catchAll, postmaster, null);
    }

    /** Returns whether mail for the mailboxes goes to another server. */
    public boolean isRouted() {
        return Boolean.TRUE.equals(routed);
    }

    /** Returns the absolute path of the mailboxes' folder; null for the default folder. */
    public @Nullable Path absolutePath() {
        return path == null ? null : path.toAbsolutePath();
    }

    /** Returns this domain with its mailboxes in another folder. */
    public DomainConfig withPath(@Nullable Path folder) {
        return new DomainConfig(folder, mailboxes, aliases, catchAll, postmaster, routed);
    }

    /**
     * Settings of a mailbox.
     *
     * @param password the password hash with its scheme; null if the account has no password
     * @param passwordless whether the account may be opened without a password from the networks configured for that
     * @param senders addresses, besides its own, that the account may send as; {@code @domain} for a whole domain
     * @param quota maximum octets; 0 for no limit
     * @param quotaMessages maximum messages; 0 for no limit
     */
    public record MailboxConfig(
            @Nullable String password,
            @Nullable Boolean passwordless,
            List<String> senders,
            @Octets @Nullable Long quota,
            @Nullable Long quotaMessages) {

        public MailboxConfig {
            String problem = password == null ? null : PasswordScheme.problem(password);
            if (problem != null) {
                throw new IllegalArgumentException(
                        "password: " + problem + " (expected: {BLF-CRYPT}..., {ARGON2ID}..., or {PLAIN}...;"
                                + " `mailserv hash-password` makes one)");
            }
        }
    }
}
