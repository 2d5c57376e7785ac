package org.mailserv.app;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.config.RecordBinder;

/**
 * Reads the configuration: the command line over the environment over the file, or the development server's, over {@code reference.conf}.
 */
final class ConfigFile {
    private ConfigFile() {}

    /** @param file null for the development server */
    static MailservConfig load(@Nullable Path file) throws ConfigurationException {
        return load(file, new ServerOptions());
    }

    /** The same with settings of the command line over it. */
    static MailservConfig load(@Nullable Path file, ServerOptions options) throws ConfigurationException {
        try {
            return RecordBinder.bind(read(file, options), MailservConfig.class);
        } catch (ConfigException e) {
            // "file: 12: what is wrong": the library names file and line itself.
            throw new ConfigurationException(List.of(oneLine(e)));
        }
    }

    /** All settings, those of {@code reference.conf} included. Throws a {@link ConfigException} as well. */
    static Config read(@Nullable Path file, ServerOptions options) throws ConfigurationException {
        return read(file, options, System.getenv());
    }

    static Config read(@Nullable Path file, ServerOptions options, Map<String, String> environment)
            throws ConfigurationException {
        Config own = file == null ? resource("development.conf") : parse(file);
        Config reference = reference();
        Config surroundings = EnvironmentSettings.of(environment, reference);
        return options.over(surroundings.withFallback(own))
                .withFallback(reference)
                .resolve(ConfigResolveOptions.defaults());
    }

    /** All keys with their defaults. */
    static Config reference() {
        return resource("reference.conf").resolve(ConfigResolveOptions.defaults());
    }

    /** Where a setting stands, {@code FILE: LINE: }, or nothing for one that nobody has set. */
    static String where(Config all, String key) {
        ConfigOrigin origin = all.hasPath(key) ? all.getValue(key).origin() : null;
        String place = origin == null ? null : origin.filename() == null ? origin.resource() : origin.filename();
        return origin == null || place == null || place.contains("reference.conf") || origin.lineNumber() < 1
                ? ""
                : place + ": " + origin.lineNumber() + ": ";
    }

    /** One of the jar's own. As a stream: a URL's connection would read the table of all MIME types first. */
    private static Config resource(String name) {
        InputStream in = Objects.requireNonNull(ConfigFile.class.getResourceAsStream("/" + name), name);
        return ConfigFactory.parseReader(
                new InputStreamReader(in, StandardCharsets.UTF_8),
                ConfigParseOptions.defaults().setOriginDescription(name));
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

    private static String oneLine(ConfigException problem) {
        return String.valueOf(problem.getMessage()).replaceAll("\\s+", " ");
    }
}
