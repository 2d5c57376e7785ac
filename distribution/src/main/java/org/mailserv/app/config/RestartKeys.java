package org.mailserv.app.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mailserv.server.account.DomainConfig;

/**
 * The contract of a reload. Every setting either takes effect at a reload, as a whole, or is named as needing a restart and stays as it is,
 * as a whole.
 */
public final class RestartKeys {
    /** Keys and groups that take effect at a reload. All others need a restart. */
    private static final List<String> LIVE = List.of(
            "domains",
            "first-account",
            "primary-domain",
            "relay-networks",
            "plaintext-auth-networks",
            "xclient-networks",
            "smtp",
            "pop3",
            "relay.routes",
            "checks",
            "milters",
            "imap",
            "http.administrators",
            "http.admin-password",
            "shutdown-timeout");

    private RestartKeys() {}

    /** Returns whether a key takes effect at a reload. */
    public static boolean isLive(String key) {
        boolean live = LIVE.stream().anyMatch(group -> key.equals(group) || key.startsWith(group + "."));
        // Mailboxes do not move while the server runs: only a new domain brings its folder with it.
        boolean moves = key.startsWith("domains.") && key.endsWith("\".path");
        return live && !moves && !key.startsWith("checks.greylist.");
    }

    /**
     * Returns the keys that would change only after a restart.
     *
     * @param running the configuration that is in effect
     * @param wanted the configuration as it was read again
     */
    public static List<String> changed(MailservConfig running, MailservConfig wanted) {
        return ConfigDifference.of(running, wanted).stream()
                .map(ConfigDifference::keyOf)
                .filter(key -> !isLive(key))
                .toList();
    }

    /**
     * Returns the configuration that is in effect after a reload: the settings that take effect are those of {@code wanted}, all others
     * stay as they are.
     */
    public static MailservConfig effective(MailservConfig running, MailservConfig wanted) {
        return new MailservConfig(
                running.hostname(),
                running.dataDir(),
                running.domainsDir(),
                wanted.primaryDomain(),
                running.usersFile(),
                running.aliasesFile(),
                running.user(),
                running.group(),
                running.allowRoot(),
                running.tagSeparators(),
                domains(running.domains(), wanted.domains()),
                wanted.firstAccount(),
                wanted.relayNetworks(),
                running.listeners(),
                wanted.plaintextAuthNetworks(),
                wanted.xclientNetworks(),
                running.tls(),
                wanted.smtp(),
                wanted.pop3(),
                running.store(),
                running.spool(),
                running.net(),
                running.login(),
                running.passwordHelper(),
                running.srs(),
                running.dns(),
                running.relay().withRoutes(wanted.relay().routes()),
                running.pickup(),
                wanted.checks().withGreylist(running.checks().greylist()),
                wanted.milters(),
                running.limits(),
                running.reports(),
                running.log(),
                running.history(),
                running.http().withOperatorsOf(wanted.http()),
                wanted.imap(),
                wanted.shutdownTimeout());
    }

    private static Map<String, DomainConfig> domains(
            Map<String, DomainConfig> running, Map<String, DomainConfig> wanted) {
        Map<String, DomainConfig> domains = new LinkedHashMap<>();
        wanted.forEach((name, domain) -> {
            DomainConfig before = running.get(name);
            domains.put(name, before == null ? domain : domain.withPath(before.path()));
        });
        return domains;
    }
}
