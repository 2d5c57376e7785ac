package org.mailserv.app.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.config.RecordBinder;
import org.mailserv.server.text.Failures;

/**
 * Reads the configuration. The command line overrides the environment, which overrides the file (or the development server's settings), which
 * overrides the defaults of the image, if any, and {@code reference.conf}.
 */
public final class ConfigFile {
    /** Names the file that is read unless {@code --config} names another. */
    public static final String FILE_VARIABLE = "MAILSERV_CONFIG";

    /** Names a file whose settings are defaults in place of those of {@code reference.conf}: those of a container image. */
    private static final String DEFAULTS_VARIABLE = "MAILSERV_DEFAULTS";

    private ConfigFile() {}

    /** @param file null for the development server */
    public static MailservConfig load(@Nullable Path file) throws ConfigurationException {
        return load(file, new ServerOptions());
    }

    /** Loads the configuration; settings of the command line override the file. */
    public static MailservConfig load(@Nullable Path file, ServerOptions options) throws ConfigurationException {
        try {
            return bind(read(file, options));
        } catch (ConfigException e) {
            // "file: 12: what is wrong": the library names file and line itself.
            throw new ConfigurationException(List.of(oneLine(e)));
        }
    }

    /** Converts settings into the configuration and checks the range of each. */
    public static MailservConfig bind(Config settings) throws ConfigurationException {
        return RecordBinder.bind(settings, MailservConfig.class, SettingBounds::expected);
    }

    /** Returns all settings, including the defaults of {@code reference.conf}. May throw a {@link ConfigException}. */
    public static Config read(@Nullable Path file, ServerOptions options) throws ConfigurationException {
        return read(file, options, System.getenv());
    }

    public static Config read(@Nullable Path file, ServerOptions options, Map<String, String> environment)
            throws ConfigurationException {
        Config reference = ReferenceConfig.get();
        Config surroundings = EnvironmentSettings.of(environment, reference);
        Config own =
                file == null ? ReferenceConfig.resource("development.conf") : parse(file, environment, surroundings);
        String defaults = environment.getOrDefault(DEFAULTS_VARIABLE, "");
        Config all = options.over(surroundings.withFallback(own))
                .withFallback(defaults.isEmpty() ? ConfigFactory.empty() : parse(Path.of(defaults)))
                .withFallback(reference)
                .resolve(ConfigResolveOptions.defaults());
        return AddedDomains.withThem(withDomainOfFirstAccount(all));
    }

    /** Makes the domain of {@code first-account} local, and its owner the postmaster there, unless the configuration says otherwise. */
    private static Config withDomainOfFirstAccount(Config all) {
        MailboxName mailbox = all.getIsNull("first-account.address")
                ? null
                : FirstAccount.mailbox(all.getString("first-account.address"));
        if (mailbox == null) {
            return all;
        }
        String postmaster = ConfigUtil.joinPath("domains", mailbox.domain(), "postmaster");
        return all.hasPathOrNull(postmaster)
                ? all
                : all.withValue(postmaster, ConfigValueFactory.fromAnyRef(mailbox.toString(), "first-account.address"));
    }

    /** Returns all keys with their defaults. */
    public static Config reference() {
        return ReferenceConfig.get();
    }

    /** Returns the location of a setting, {@code FILE: LINE: }, or an empty text for a default. */
    public static String where(Config all, String key) {
        ConfigOrigin origin = all.hasPath(key) ? all.getValue(key).origin() : null;
        String place = origin == null ? null : origin.filename() == null ? origin.resource() : origin.filename();
        return origin == null || place == null || place.contains("reference.conf") || origin.lineNumber() < 1
                ? ""
                : place + ": " + origin.lineNumber() + ": ";
    }

    /** Parses the file. It may be missing if the environment names it and also sets the host name and domains. */
    private static Config parse(Path file, Map<String, String> environment, Config surroundings)
            throws ConfigurationException {
        boolean optional = file.toString().equals(environment.get(FILE_VARIABLE));
        if (!optional || Files.exists(file)) {
            return parse(file);
        }
        if (surroundings.hasPath("hostname")
                && (surroundings.hasPath("domains") || surroundings.hasPath("first-account.address"))) {
            return ConfigFactory.empty("environment");
        }
        throw new ConfigurationException(List.of(file
                + ": no such file, and the environment is not enough to do without (expected: the file, or"
                + " MAILSERV_HOSTNAME, MAILSERV_ACCOUNT and MAILSERV_PASSWORD)"));
    }

    private static Config parse(Path file) throws ConfigurationException {
        if (!Files.exists(file)) {
            throw new ConfigurationException(List.of(file + ": no such file (expected: a configuration)"));
        }
        if (!Files.isReadable(file)) {
            throw new ConfigurationException(List.of(file + ": may not be read by this user"));
        }
        return ConfigFactory.parseFile(
                file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    }

    public static String oneLine(ConfigException problem) {
        return Failures.text(problem);
    }
}
