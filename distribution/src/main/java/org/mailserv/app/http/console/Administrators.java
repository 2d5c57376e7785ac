package org.mailserv.app.http.console;

import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Operator;
import org.mailserv.app.config.AdministratorSettings;
import org.mailserv.app.config.HttpSettings;

/** The operators who can log in, as the configuration in effect has them. Thread-safe. */
final class Administrators {
    private static final String ADMIN = "admin";

    private final Supplier<HttpSettings> settings;

    /** @param settings those in effect, which a reload replaces */
    Administrators(Supplier<HttpSettings> settings) {
        this.settings = settings;
    }

    /**
     * A person who can log in.
     *
     * @param hash of the password, with its scheme
     * @param secret of the second factor, or null
     */
    record Administrator(
            Operator operator, String hash, @Nullable String secret) {
        String name() {
            return operator.name();
        }
    }

    /** Returns the hash of somebody's password, against which unknown names are verified to take as long. */
    String anyHash() {
        HttpSettings now = settings.get();
        return now.administrators().values().stream()
                .map(AdministratorSettings::password)
                .findFirst()
                .orElse(String.valueOf(now.adminPassword()));
    }

    /**
     * Returns the person with a name, or null. While {@code http.admin-password} is the only one, any name means {@code admin}, as programs
     * use it.
     */
    @Nullable
    Administrator find(String name) {
        HttpSettings now = settings.get();
        AdministratorSettings named = now.administrators().get(name);
        if (named != null) {
            return new Administrator(
                    new Operator(name, Operator.Role.valueOf(named.role().name()), false, Set.copyOf(named.domains())),
                    named.password(),
                    named.totp());
        }
        String password = now.adminPassword();
        return password != null && (name.equals(ADMIN) || now.administrators().isEmpty())
                ? new Administrator(new Operator(ADMIN, Operator.Role.ADMINISTRATOR, false), password, null)
                : null;
    }
}
