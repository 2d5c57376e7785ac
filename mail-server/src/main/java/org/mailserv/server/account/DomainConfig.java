package org.mailserv.server.account;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.config.Octets;

/**
 * A local domain.
 *
 * @param path folder of its mailboxes; null for {@code domains/DOMAIN} of the data folder
 * @param mailboxes by name
 * @param aliases from a name to addresses, of this domain where they have none
 * @param catchAll where mail for unknown names goes; null to refuse it
 * @param postmaster who reads the postmaster's mail; null for the first mailbox
 */
public record DomainConfig(
        @Nullable Path path,
        Map<String, MailboxConfig> mailboxes,
        Map<String, List<String>> aliases,
        @Nullable String catchAll,
        @Nullable String postmaster) {

    /** Returns the folder of its mailboxes as an absolute path; null for the default one. */
    public @Nullable Path absolutePath() {
        return path == null ? null : path.toAbsolutePath();
    }

    /** Returns the same domain with its mailboxes in another folder. */
    public DomainConfig withPath(@Nullable Path folder) {
        return new DomainConfig(folder, mailboxes, aliases, catchAll, postmaster);
    }

    /**
     * A mailbox of a domain.
     *
     * @param password with its scheme; null where it cannot log in with one
     * @param passwordless whether it may be opened without a password from the networks listed for that
     * @param senders addresses that it may send as besides its own; {@code @domain} for a whole domain
     * @param quota most octets; 0 for no bound
     * @param quotaMessages most messages; 0 for no bound
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
