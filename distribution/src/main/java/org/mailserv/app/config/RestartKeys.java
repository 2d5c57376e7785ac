package org.mailserv.app.config;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
        Map<String, Object> mixed = Map.of(
                "domains", domains(running.domains(), wanted.domains()),
                "relay", running.relay().withRoutes(wanted.relay().routes()),
                "checks", wanted.checks().withGreylist(running.checks().greylist()),
                "http", running.http().withOperatorsOf(wanted.http()));
        RecordComponent[] components = MailservConfig.class.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            String name = components[i].getName();
            String key = name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            Object mix = mixed.get(name);
            values[i] = mix != null ? mix : value(components[i], LIVE.contains(key) ? wanted : running);
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return MailservConfig.class.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the settings in effect cannot be combined", e);
        }
    }

    private static @Nullable Object value(RecordComponent component, MailservConfig config) {
        try {
            return component.getAccessor().invoke(config);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("setting " + component.getName() + " cannot be read", e);
        }
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
