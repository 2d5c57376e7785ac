package org.mailserv.app.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.PasswordScheme;
import org.mailserv.server.net.CidrSet;

/**
 * The HTTP endpoint.
 *
 * @param port 0 for any free port
 * @param adminPassword the hash of the password of the administrator {@code admin}; null for none
 * @param administrators further operators of the console, by name
 * @param hostNames further names by which a browser may call the console
 * @param proxyNetworks networks of reverse proxies whose {@code X-Forwarded-Proto} is believed
 * @param tls the listener with TLS
 * @param accountPage whether users find a page of their own at {@code /account}
 */
public record HttpSettings(
        boolean enabled,
        String address,
        int port,
        @Nullable String adminPassword,
        Map<String, AdministratorSettings> administrators,
        List<String> hostNames,
        List<String> proxyNetworks,
        TlsListener tls,
        boolean accountPage) {
    public HttpSettings {
        String problem = adminPassword == null ? null : PasswordScheme.problem(adminPassword);
        if (problem != null) {
            throw new IllegalArgumentException(
                    "admin-password: " + problem + " (expected: a hash; `mailserv hash-password` makes one)");
        } else if (adminPassword != null && administrators.containsKey("admin")) {
            throw new IllegalArgumentException(
                    "administrators: admin is there twice (expected: either http.admin-password or"
                            + " http.administrators.admin)");
        }
        CidrSet.parse(proxyNetworks);
    }

    /**
     * A listener of the console, the API and the settings for mail programs with the server's certificates. Health and metrics are not served
     * there.
     *
     * @param port 0 for any free port
     */
    public record TlsListener(boolean enabled, String address, int port) {}

    /** Returns whether anybody can log in to the console. */
    public boolean hasConsole() {
        return enabled && (adminPassword != null || !administrators.isEmpty());
    }

    /** Returns whether the listener with TLS is open. */
    public boolean hasTls() {
        return enabled && tls.enabled();
    }

    /** Returns these settings with the operators of others, if both have a console or none. */
    HttpSettings withOperatorsOf(HttpSettings other) {
        return hasConsole() == other.hasConsole()
                ? new HttpSettings(
                        enabled,
                        address,
                        port,
                        other.adminPassword,
                        other.administrators,
                        hostNames,
                        proxyNetworks,
                        tls,
                        accountPage)
                : this;
    }
}
