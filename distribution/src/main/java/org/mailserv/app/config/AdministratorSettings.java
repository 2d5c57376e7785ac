package org.mailserv.app.config;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.account.PasswordScheme;

/**
 * An operator of the console.
 *
 * @param password hash with its scheme
 * @param domains the only domains that the operator sees; empty for all
 * @param totp shared secret of a second factor in Base32 (RFC 6238), or null for none
 */
public record AdministratorSettings(
        String password,
        Role role,
        List<String> domains,
        @Nullable String totp) {
    /** Roles of operators. */
    public enum Role {
        ADMINISTRATOR,
        DOMAIN_ADMINISTRATOR,
        READ_ONLY
    }

    public AdministratorSettings {
        String problem = PasswordScheme.problem(password);
        if (problem != null) {
            throw new IllegalArgumentException(
                    "password: " + problem + " (expected: a hash; `mailserv hash-password` makes one)");
        } else if (role == Role.DOMAIN_ADMINISTRATOR && domains.isEmpty()) {
            throw new IllegalArgumentException("domains: none for a domain-administrator (expected: at least one)");
        } else if (role == Role.ADMINISTRATOR && !domains.isEmpty()) {
            throw new IllegalArgumentException(
                    "role: an administrator sees all domains (expected: domain-administrator or read-only with"
                            + " domains)");
        } else if (totp != null && !plain(totp).matches("[A-Z2-7]{16,}")) {
            throw new IllegalArgumentException(
                    "totp: no secret (expected: at least 16 characters of Base32, A to Z and 2 to 7)");
        }
        domains = domains.stream().map(DomainNames::canonical).toList();
        totp = totp == null ? null : plain(totp);
    }

    private static String plain(String secret) {
        return secret.replaceAll("[\\s-]", "").replaceAll("=+$", "").toUpperCase(Locale.ROOT);
    }
}
